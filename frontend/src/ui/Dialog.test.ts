import { createRawSnippet } from 'svelte';
import { beforeEach, expect, it, vi } from 'vitest';
import { element, show } from '../../tests/mounted';
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
