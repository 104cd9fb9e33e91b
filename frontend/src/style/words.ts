// The messages of this page, which come with it.
import { i18n } from '../i18n/i18n.svelte';
import { style as en } from '../i18n/style.en';
import { style as zh } from '../i18n/style.zh';

/** In the language in use; reactive as `i18n.t` is. */
export const styleWords = (): typeof en => (i18n.language === 'en' ? en : zh);
