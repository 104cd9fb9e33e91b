// The language in use, its messages, and dates written its way. Its catalogue alone is loaded; every reader is reactive.
import { speakLanguage } from '../protocol/request';
import type { Language } from '../protocol/types';
import type { Catalogue } from './en';

const catalogues: Record<Language, () => Promise<Catalogue>> = {
  en: async () => (await import('./en')).en,
  'zh-hans': async () => (await import('./zh')).zh,
};
const storageKey = 'kbchat.language';

function remembered(): Language {
  const stored = localStorage.getItem(storageKey);
  if (stored === 'en' || stored === 'zh-hans') return stored;
  return /^zh/i.test(navigator.language) ? 'zh-hans' : 'en';
}

class I18n {
  language = $state<Language>('en');
  #messages = $state.raw<Catalogue>();
  #wanted: Language | null = null;

  /** Not before `start` is done. */
  get t(): Catalogue {
    if (!this.#messages) throw new Error('no catalogue is loaded');
    return this.#messages;
  }

  start(): Promise<void> {
    const language = remembered();
    // What is asked for meanwhile is already answered in it.
    speakLanguage(language);
    return this.use(language);
  }

  /** In use when its catalogue is there, unless another language was chosen meanwhile and some words can be read. */
  async use(language: Language): Promise<void> {
    this.#wanted = language;
    const messages = await catalogues[language]();
    if (this.#messages && this.#wanted !== language) return;
    this.#messages = messages;
    this.language = language;
    localStorage.setItem(storageKey, language);
    document.documentElement.lang = this.tag;
    speakLanguage(language);
  }

  get tag(): string {
    return this.language === 'en' ? 'en' : 'zh-Hans';
  }

  /** `value`: YYYY-MM-DD or an ISO 8601 time. */
  date(value: string): string {
    const day = value.length === 10 ? new Date(`${value}T00:00:00`) : new Date(value);
    return new Intl.DateTimeFormat(this.tag, { year: 'numeric', month: 'short', day: 'numeric' }).format(day);
  }

  time(value: string): string {
    return new Intl.DateTimeFormat(this.tag, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(value));
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.tag, { maximumFractionDigits: 1 }).format(value);
  }

  list(names: string[]): string {
    return new Intl.ListFormat(this.tag, { type: 'conjunction' }).format(names);
  }

  /** `code`: of ISO 639, or "other" for one that is none of those known here. */
  languageName(code: string): string {
    if (code === 'other') return this.t.scope.otherLanguage;
    return new Intl.DisplayNames(this.tag, { type: 'language' }).of(code) ?? code;
  }

  /** Several sentences after one another: Chinese ones touch. */
  sentences(...parts: (string | undefined)[]): string {
    return parts.filter(Boolean).join(this.language === 'en' ? ' ' : '');
  }

  /** A word with what is said of it in brackets. */
  bracketed(word: string, aside: string | number): string {
    return this.language === 'en' ? `${word} (${aside})` : `${word}（${aside}）`;
  }

  month(value: string): string {
    return new Intl.DateTimeFormat(this.tag, { year: 'numeric', month: 'long' }).format(new Date(value));
  }
}

export const i18n = new I18n();
