// The messages of this page, which come with it: administrators alone load them.
import { i18n } from '../i18n/i18n.svelte';
import { system as en } from '../i18n/system.en';
import { system as zh } from '../i18n/system.zh';

/** In the language in use; reactive as `i18n.t` is. */
export const systemWords = (): typeof en => (i18n.language === 'en' ? en : zh);
