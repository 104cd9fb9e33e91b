import { createRawSnippet, flushSync, mount, unmount } from 'svelte';
import { beforeEach, expect, it, vi } from 'vitest';
import { element, leave, show } from '../../tests/mounted';
import Dialog from './Dialog.svelte';

const closed = vi.fn<() => void>();
const children = createRawSnippet(() => ({ render: () => '<p>text</p>' }));

beforeEach(async () => {
  closed.mockClear();
  await show(Dialog, { title: 'Title', onclose: closed, children });
});

/** What the pointer was pressed on, and what the browser says was clicked when it was let go. */
function clicked(pressed: HTMLElement, target: HTMLElement): void {
  pressed.dispatchEvent(new MouseEvent('pointerdown', { bubbles: true }));
  target.dispatchEvent(new MouseEvent('click', { bubbles: true }));
}

it('a click beside it closes it', () => {
  const dialog = element('dialog', HTMLDialogElement);
  clicked(dialog, dialog);
  expect(closed).toHaveBeenCalledOnce();
});

it('text selected in it beyond its edge does not close it', () => {
  clicked(element('dialog p', HTMLElement), element('dialog', HTMLDialogElement));
  expect(closed).not.toHaveBeenCalled();
});

it('gives the focus back to what opened it, also where it is taken away', async () => {
  await leave();
  const opener = document.body.appendChild(document.createElement('button'));
  opener.focus();
  const dialog = mount(Dialog, { target: document.body, props: { title: 'Title', onclose: closed, children } });
  flushSync();
  element('dialog button', HTMLButtonElement).focus();
  await unmount(dialog);
  expect(document.activeElement).toBe(opener);
});

it('leaves the focus where somebody has set it since', async () => {
  await leave();
  const opener = document.body.appendChild(document.createElement('button'));
  const next = document.body.appendChild(document.createElement('button'));
  opener.focus();
  const dialog = mount(Dialog, { target: document.body, props: { title: 'Title', onclose: closed, children } });
  flushSync();
  next.focus();
  await unmount(dialog);
  expect(document.activeElement).toBe(next);
});
