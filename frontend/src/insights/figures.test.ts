import { describe, expect, it } from 'vitest';
import type { DayFigures } from '../protocol/types';
import { roundTop, valuesOf } from './figures';

describe('the scale', () => {
  it.each([
    [0, true, 2],
    [1, true, 2],
    [3, true, 4],
    [5, true, 10],
    [10, true, 10],
    [11, true, 20],
    [501, true, 1000],
    [0, false, 0.1],
    [0.3, false, 0.5],
    [4.2, false, 5],
  ])('of %d ends at a round number', (most, whole, top) => {
    expect(roundTop(most, whole)).toBeCloseTo(top);
  });
});

it('breaks where nothing is told', () => {
  const figures = { questions: 3, people: 2, waited_p50: null } as DayFigures['figures'];
  const days = [
    { day: '2026-01-01', figures },
    { day: '2026-01-02', figures: null },
  ] as DayFigures[];
  expect(valuesOf(days, 'questions')).toEqual([3, null]);
  expect(valuesOf(days, 'waited_p50')).toEqual([null, null]);
});
