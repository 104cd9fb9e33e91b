import { beforeEach, expect, it } from 'vitest';
import { en } from './en';
import { i18n } from './i18n.svelte';
import { zh } from './zh';

beforeEach(() => localStorage.clear());

it('begins in the language that was used last', async () => {
  localStorage.setItem('kbchat.language', 'zh-hans');
  await i18n.start();
  expect(i18n.t).toBe(zh);
  expect(document.documentElement.lang).toBe('zh-Hans');
});

it('ends in the language that was chosen last, whichever words come first', async () => {
  await Promise.all([i18n.use('zh-hans'), i18n.use('en')]);
  expect(i18n.t).toBe(en);
  await Promise.all([i18n.use('en'), i18n.use('zh-hans')]);
  expect(i18n.t).toBe(zh);
  expect(localStorage.getItem('kbchat.language')).toBe('zh-hans');
});
