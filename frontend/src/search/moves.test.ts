import { expect, it } from 'vitest';
import type { SearchExplanation } from '../protocol/types';
import { lost, moves } from './moves';

const shown = (n: number): SearchExplanation => ({ passages: Array.from({ length: n }) }) as unknown as SearchExplanation;

it('tells by how many places each passage moved, and which are new', () => {
  expect(moves({ places: [2, 1, null, 4] })).toEqual([1, -1, null, 0]);
});

it('tells which passages are gone', () => {
  expect(lost({ places: [2, null, 1], in_force: shown(3) })).toEqual([false, false, true]);
  expect(lost({ places: [], in_force: shown(2) })).toEqual([true, true]);
});
