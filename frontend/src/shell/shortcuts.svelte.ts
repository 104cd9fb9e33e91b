// Keyboard shortcuts: which there are, whether they are on, whether their list is shown.
const key = 'kbchat.shortcuts';

class ShortcutState {
  on = $state(localStorage.getItem(key) !== 'off');
  listed = $state(false);

  turn(on: boolean): void {
    this.on = on;
    localStorage.setItem(key, on ? 'on' : 'off');
  }
}

export const shortcuts = new ShortcutState();

export type ShortcutAction = 'newChat' | 'nextChat' | 'previousChat' | 'find' | 'focus' | 'copy' | 'sidebar' | 'list';

/** What a key press asks for; null when nothing of ours. */
export function shortcutOf(event: KeyboardEvent): ShortcutAction | null {
  const command = event.ctrlKey || event.metaKey;
  const typing =
    event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]') !== null;
  const pressed = event.key.toLowerCase();
  if (command && event.shiftKey && pressed === 'o') return 'newChat';
  if (command && event.shiftKey && pressed === 'c') return 'copy';
  if (command && event.shiftKey && pressed === 's') return 'sidebar';
  if (command && !event.shiftKey && pressed === 'k') return 'find';
  if (command && pressed === '/') return 'list';
  // In a field they open its list, or go to the next paragraph.
  if (command || typing) return null;
  if (!event.shiftKey && event.altKey && pressed === 'arrowdown') return 'nextChat';
  if (!event.shiftKey && event.altKey && pressed === 'arrowup') return 'previousChat';
  if (event.altKey) return null;
  if (event.key === '?') return 'list';
  return event.key === '/' ? 'focus' : null;
}
