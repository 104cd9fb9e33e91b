// The messages of schedules, which come with the pages that have one.
import { i18n } from '../i18n/i18n.svelte';
import { schedule as en } from '../i18n/schedule.en';
import { schedule as zh } from '../i18n/schedule.zh';

/** In the language in use; reactive as `i18n.t` is. */
export const scheduleWords = (): typeof en => (i18n.language === 'en' ? en : zh);
