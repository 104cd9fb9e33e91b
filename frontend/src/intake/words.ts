// The messages of this page, which come with it: whoever keeps no source loads none of them.
import { i18n } from '../i18n/i18n.svelte';
import { intake as en } from '../i18n/intake.en';
import { intake as zh } from '../i18n/intake.zh';

export type Words = typeof en;

/** In the language in use; reactive as `i18n.t` is. */
export const intakeWords = (): Words => (i18n.language === 'en' ? en : zh);
