import { beforeEach, expect, it, vi } from 'vitest';
import { button, click, element, press, settle, show, write } from '../../tests/mounted';
import { api } from '../protocol/api';
import HistoryRow from './HistoryRow.svelte';

const row = { id: 'c', title: 'old', updated_at: '2025-01-01T00:00:00Z', is_pinned: false, found: null };
const field = (): HTMLInputElement => element('input', HTMLInputElement);

beforeEach(async () => {
  vi.spyOn(api, 'changeConversation').mockResolvedValue(row);
  await show(HistoryRow, { row, current: true });
  element('[popover]', HTMLElement).showPopover();
  await settle();
  await click(button('Rename'));
});

it('Escape leaves a title as it was, stops no answer, and gives the focus back to the conversation', async () => {
  await write(field(), 'new');
  expect(await press(field(), 'Escape')).toBe(true);
  expect(api.changeConversation).not.toHaveBeenCalled();
  expect(document.activeElement).toBe(element('a', HTMLAnchorElement));
});

it('Enter changes a title, and gives the focus back to the conversation', async () => {
  await write(field(), 'new');
  await press(field(), 'Enter');
  expect(api.changeConversation).toHaveBeenCalledExactlyOnceWith('c', { title: 'new' });
  expect(document.activeElement).toBe(element('a', HTMLAnchorElement));
});

it('whoever went elsewhere keeps his focus there', async () => {
  await write(field(), 'new');
  const elsewhere = document.body.appendChild(document.createElement('button'));
  elsewhere.focus();
  await settle();
  expect(api.changeConversation).toHaveBeenCalledOnce();
  expect(document.activeElement).toBe(elsewhere);
});
