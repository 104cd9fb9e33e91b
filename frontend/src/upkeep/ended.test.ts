import { expect, it } from 'vitest';
import type { Upkeep } from '../protocol/types';
import { hasEnded } from './ended';

const look = (id: string, finished: boolean): Upkeep[] => [
  {
    ...{ task: 'index_health', schedule: null, scheduled_by: '' },
    latest: id
      ? {
          ...{ id, state: finished ? 'succeeded' : 'running', started_by: 'Ada', due_at: null, cause: null },
          ...{ created_at: '2026-01-01T00:00:00Z', finished_at: finished ? '2026-01-01T00:00:01Z' : null },
          ...{ seconds: 1, problem: null, golden: null, refitted: [], health: null },
        }
      : null,
  },
];

it('hears of what ended while somebody looked', () => {
  expect(hasEnded(look('a', false), look('a', true))).toBe(true);
});

it('hears of what began and ended between two looks', () => {
  expect(hasEnded(look('', false), look('a', true))).toBe(true);
  expect(hasEnded(look('a', true), look('b', true))).toBe(true);
});

it('hears nothing of what had ended before, of what begins, or at the first look', () => {
  expect(hasEnded(look('a', true), look('a', true))).toBe(false);
  expect(hasEnded(look('a', true), look('b', false))).toBe(false);
  expect(hasEnded([], look('a', true))).toBe(false);
});
