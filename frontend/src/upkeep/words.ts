// The messages of upkeep, which come with the pages that have it.
import { i18n } from '../i18n/i18n.svelte';
import { upkeep as en } from '../i18n/upkeep.en';
import { upkeep as zh } from '../i18n/upkeep.zh';

export type Words = typeof en;

/** In the language in use; reactive as `i18n.t` is. */
export const upkeepWords = (): Words => (i18n.language === 'en' ? en : zh);
