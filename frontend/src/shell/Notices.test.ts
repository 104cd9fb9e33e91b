import { expect, it, vi } from 'vitest';
import { button, click, later, settle, show } from '../../tests/mounted';
import { api } from '../protocol/api';
import { ApiError } from '../protocol/request';
import type { Notice } from '../protocol/types';
import Notices from './Notices.svelte';

const notice: Notice = { id: 'n', kind: 'gap_assigned', at: '2025-01-01T00:00:00Z', person: '', email: '', asked: null };
const shown = (): number => document.querySelectorAll('li').length;

it('what was put away does not come back with a list that was read before', async () => {
  const { answer, give } = later<Notice[]>();
  vi.spyOn(api, 'notices').mockResolvedValueOnce([notice]).mockReturnValueOnce(answer);
  vi.spyOn(api, 'dismissNotice').mockResolvedValue(undefined);
  await show(Notices, {});
  // The click that puts it away gives the window its focus first.
  window.dispatchEvent(new Event('focus'));
  await click(button('Put the notice away'));
  expect(shown()).toBe(0);
  give([notice]);
  await settle();
  expect(shown()).toBe(0);
});

it('what could not be put away is shown again', async () => {
  vi.spyOn(api, 'notices').mockResolvedValue([notice]);
  vi.spyOn(api, 'dismissNotice').mockRejectedValue(new ApiError(0, { code: 'offline', message: '', next_step: '' }));
  await show(Notices, {});
  await click(button('Put the notice away'));
  expect(shown()).toBe(1);
});
