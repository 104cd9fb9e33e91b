// The messages of this page, which come with it: most people open it never.
import { i18n } from '../i18n/i18n.svelte';
import { permissions as en } from '../i18n/permissions.en';
import { permissions as zh } from '../i18n/permissions.zh';

/** In the language in use; reactive as `i18n.t` is. */
export const permissionWords = (): typeof en => (i18n.language === 'en' ? en : zh);
