// The messages of this page, which come with it: administrators alone load them.
import { i18n } from '../i18n/i18n.svelte';
import { retention as en } from '../i18n/retention.en';
import { retention as zh } from '../i18n/retention.zh';

export type Words = typeof en;

/** In the language in use; reactive as `i18n.t` is. */
export const retentionWords = (): Words => (i18n.language === 'en' ? en : zh);
