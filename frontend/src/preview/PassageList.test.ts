import { expect, it, vi } from 'vitest';
import { click, element, show } from '../../tests/mounted';
import { api } from '../protocol/api';
import { ApiError } from '../protocol/request';
import PassageList from './PassageList.svelte';
import { Preview } from './preview.svelte';

it('a switch that was refused goes back', async () => {
  const row = { text: 'abc', start: 0, end: 3, heading_path: [], page: null, boxes: [], is_silenced: false };
  vi.spyOn(api, 'passages').mockResolvedValue([row]);
  const away = new ApiError(0, { code: 'offline', message: '', next_step: '' });
  vi.spyOn(api, 'silencePassage').mockRejectedValueOnce(away).mockResolvedValueOnce(undefined);
  const preview = new Preview('version');
  await preview.load();
  await show(PassageList, { preview, title: '', scroller: undefined });
  const box = element('li input', HTMLInputElement);
  await click(box);
  expect([box.checked, document.querySelector('.problem') !== null]).toEqual([true, true]);
  await click(box);
  expect([box.checked, document.querySelector('.problem') !== null]).toEqual([false, false]);
});
