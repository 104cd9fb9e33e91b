import { expect, it } from 'vitest';
import { countPoints, slicePoints, toUnits } from './codePoints';

it('counts characters outside the basic plane as one', () => {
  const text = 'a😀年假𠮷b';
  expect(countPoints(text)).toBe(6);
  expect(toUnits(text, [6, 0, 2, 5])).toEqual([8, 0, 3, 7]);
  expect(slicePoints(text, 1, 3)).toBe('😀年');
  expect(slicePoints(text, 4, 5)).toBe('𠮷');
});

it('takes an offset beyond the end as the end', () => {
  expect(toUnits('ab', [9])).toEqual([2]);
});
