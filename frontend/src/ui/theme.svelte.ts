// Light, dark, or what the system says. public/theme.js applies the same choice before the first paint.
export type Theme = 'system' | 'light' | 'dark';
const key = 'kbchat.theme';

class ThemeChoice {
  current = $state<Theme>('system');

  start(): void {
    const stored = localStorage.getItem(key);
    this.current = stored === 'light' || stored === 'dark' ? stored : 'system';
  }

  use(theme: Theme): void {
    this.current = theme;
    if (theme === 'system') {
      localStorage.removeItem(key);
      delete document.documentElement.dataset.theme;
    } else {
      localStorage.setItem(key, theme);
      document.documentElement.dataset.theme = theme;
    }
  }
}

export const themeChoice = new ThemeChoice();
