import { beforeEach, expect, it, vi } from 'vitest';
import { beginningOf, monthOf } from './days';

beforeEach(() => {
  vi.stubEnv('TZ', 'Europe/Berlin');
});

it.each([
  ['2025-10-26', '2025-10-26T23:00:00.000Z'],
  ['2025-03-30', '2025-03-30T22:00:00.000Z'],
])('the day after %s, when clocks are changed, begins at midnight', (day, after) => {
  expect(beginningOf(day, 1).toISOString()).toBe(after);
});

it("a month is the reader's own", () => {
  expect(monthOf(new Date('2024-12-31T23:30:00Z'))).toBe('2025-01');
});
