import { expect, it } from 'vitest';
import { Marks, overlap } from './marks.svelte';

const passage = (start: number, end: number, version_id = 'v'): Parameters<Marks['has']>[0] => ({
  document_id: 'd',
  version_id,
  title: 'Leave',
  start,
  end,
});

it('places overlap where they share a character of the same version', () => {
  expect(overlap(passage(0, 5), passage(4, 9))).toBe(true);
  expect(overlap(passage(0, 5), passage(5, 9))).toBe(false);
  expect(overlap(passage(0, 5), passage(0, 5, 'w'))).toBe(false);
});

it('a passage that is cut anew is still marked, and one press takes all of its marks', () => {
  const marks = new Marks(null, 'How many days?');
  marks.toggle(passage(0, 5));
  marks.toggle(passage(10, 15));
  expect(marks.has(passage(3, 12))).toBe(true);
  marks.toggle(passage(3, 12));
  expect(marks.places).toEqual([]);
});

it('it is ready with a text, and with a mark or a word that the library does not hold it', () => {
  const marks = new Marks(null, ' ');
  marks.toggle(passage(0, 5));
  expect(marks.ready).toBe(false);
  marks.text = 'How many days?';
  expect(marks.ready).toBe(true);
  marks.toggle(passage(4, 6));
  expect(marks.ready).toBe(false);
  marks.silent = true;
  expect(marks.ready).toBe(true);
  marks.toggle(passage(0, 5));
  expect(marks.silent).toBe(false);
});
