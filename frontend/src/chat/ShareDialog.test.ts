import { beforeEach, expect, it, vi } from 'vitest';
import { button, click, element, later, show, submit } from '../../tests/mounted';
import { api } from '../protocol/api';
import type { NewShare, Share } from '../protocol/types';
import ShareDialog from './ShareDialog.svelte';

const share = (id: string): Share => ({
  ...{ id, created_at: '2025-01-01T00:00:00Z', expires_at: '2030-01-01T00:00:00Z', turns: 1 },
});
const row = { id: 'c', title: '', updated_at: '2025-01-01T00:00:00Z', is_pinned: false };

beforeEach(async () => {
  vi.spyOn(api, 'shares').mockResolvedValue([share('old')]);
  vi.spyOn(api, 'endShare').mockResolvedValue(undefined);
  await show(ShareDialog, { row, onclose: () => undefined });
});

async function end(index: number): Promise<void> {
  const ends = [...document.querySelectorAll('li button')].filter((one) => one instanceof HTMLButtonElement);
  const one = ends[index];
  if (one) await click(one);
}

it('a new link is shown until it is ended itself', async () => {
  vi.spyOn(api, 'share').mockResolvedValue({ share: share('new'), token: 'secret' });
  await submit();
  await end(1);
  expect(api.endShare).toHaveBeenLastCalledWith('old');
  expect(element('input[readonly]', HTMLInputElement).value).toMatch(/secret$/);
  await end(0);
  expect(document.querySelector('input[readonly]')).toBe(null);
});

it('pressed twice, one link is made', async () => {
  const made = vi.spyOn(api, 'share').mockReturnValue(later<NewShare>().answer);
  await click(button('Make a link'));
  await click(button('Make a link'));
  expect(made).toHaveBeenCalledOnce();
});
