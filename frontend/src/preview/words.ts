// The messages of these pages, which come with them: most people open none of them.
import { i18n } from '../i18n/i18n.svelte';
import { preview as en } from '../i18n/preview.en';
import { preview as zh } from '../i18n/preview.zh';

export type Words = typeof en;

/** In the language in use; reactive as `i18n.t` is. */
export const previewWords = (): Words => (i18n.language === 'en' ? en : zh);
