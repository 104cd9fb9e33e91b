import { expect, it } from 'vitest';
import { groupByDay } from './history.svelte';

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
