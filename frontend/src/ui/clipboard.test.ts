import { beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '../i18n/i18n.svelte';
import { copyText } from './clipboard';
import { status } from './status.svelte';

const commanded = (copy: () => boolean): void => void Object.assign(document, { execCommand: copy });

/** What the old command copied. */
let copied: string[];

beforeEach(async () => {
  await i18n.use('en');
  copied = [];
  vi.stubGlobal('navigator', { ...navigator, clipboard: undefined });
  commanded(() => {
    const field = document.activeElement;
    if (field instanceof HTMLTextAreaElement) copied.push(field.value);
    return true;
  });
});

it('copies by the old command where there is no clipboard, and leaves the focus where it was', async () => {
  const button = document.body.appendChild(document.createElement('button'));
  button.focus();
  await copyText('annual leave', 'Copied');
  expect([copied, status.shown, document.activeElement]).toEqual([['annual leave'], 'Copied', button]);
  expect(document.querySelector('textarea')).toBe(null);
});

it('copies inside an open dialog, beside which nothing can be selected', async () => {
  const dialog = document.body.appendChild(document.createElement('dialog'));
  dialog.setAttribute('open', '');
  commanded(() => dialog.contains(document.activeElement));
  await copyText('a link', 'Copied');
  expect(status.shown).toBe('Copied');
  dialog.remove();
});

it('says what to do where the browser forbids it', async () => {
  commanded(() => false);
  await copyText('annual leave', 'Copied');
  expect(status.shown).toBe(i18n.t.app.notCopied);
});
