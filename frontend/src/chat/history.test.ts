import { expect, it, vi } from 'vitest';
import { settle } from '../../tests/mounted';
import { api } from '../protocol/api';
import { ApiError } from '../protocol/request';
import { status } from '../ui/status.svelte';
import { undo } from '../ui/undo.svelte';
import { groupByDay, history } from './history.svelte';

const now = new Date(2025, 10, 20, 10, 0);
const row = (id: string, year: number, month: number, day: number, hour: number) => ({
  ...{ id, title: id, updated_at: new Date(year, month - 1, day, hour).toISOString(), is_pinned: id.startsWith('pin') },
});

it("groups by the reader's own days, newest first, below what is pinned", () => {
  const groups = groupByDay(
    [
      row('pinned', 2025, 8, 3, 12),
      row('now', 2025, 11, 20, 1),
      row('late', 2025, 11, 19, 23),
      row('week', 2025, 11, 14, 12),
      row('month', 2025, 10, 25, 12),
      row('old', 2025, 8, 12, 12),
      row('older', 2025, 8, 3, 12),
    ],
    now,
  );
  expect(groups.map(({ period, rows }) => [period, rows.map(({ id }) => id)])).toEqual([
    ['pinned', ['pinned']],
    ['today', ['now']],
    ['yesterday', ['late']],
    ['week', ['week']],
    ['month', ['month']],
    [{ month: '2025-08' }, ['old', 'older']],
  ]);
});

it.each([
  ['Asia/Shanghai', '2025-05-31T18:00:00Z', '2025-06'],
  ['America/Los_Angeles', '2025-06-01T05:00:00Z', '2025-05'],
])('groups by the months of a reader in %s', (zone, at, month) => {
  vi.stubEnv('TZ', zone);
  const old = { id: 'old', title: '', updated_at: at, is_pinned: false };
  expect(groupByDay([old], new Date('2025-09-01T12:00:00Z')).map(({ period }) => period)).toEqual([{ month }]);
});

it('yesterday begins at midnight, also where it had 25 hours', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  const early = { id: 'early', title: '', updated_at: '2025-10-25T22:30:00Z', is_pinned: false };
  expect(groupByDay([early], new Date('2025-10-27T09:00:00Z')).map(({ period }) => period)).toEqual(['yesterday']);
});

it('a conversation that could not be deleted is listed again, and the reason is told', async () => {
  const kept = row('kept', 2025, 11, 20, 1);
  vi.spyOn(api, 'conversations').mockResolvedValue([kept]);
  const held = { code: 'held', message: 'It is under a legal hold.', next_step: 'Ask an administrator.' };
  vi.spyOn(api, 'deleteConversation').mockRejectedValue(new ApiError(409, held));
  await history.refresh();
  history.remove('kept', 'deleted');
  expect(history.rows).toEqual([]);
  await undo.settle();
  await settle();
  expect(history.rows).toEqual([kept]);
  expect(status.shown).toBe('It is under a legal hold. Ask an administrator.');
});
