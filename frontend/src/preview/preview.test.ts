import { expect, it } from 'vitest';
import type { PassageRow } from '../protocol/types';
import { Preview } from './preview.svelte';

const row = (start: number, text: string, more: Partial<PassageRow> = {}): PassageRow => ({
  ...{ start, end: start + text.length, page: null, heading_path: [], text, is_silenced: false, boxes: [] },
  ...more,
});

function preview(...rows: PassageRow[]): Preview {
  const made = new Preview('version');
  made.rows = rows;
  return made;
}

it('finds the passage that stands where somebody clicked in the text', () => {
  const made = preview(row(0, 'one'), row(5, 'two'));
  made.pick({ offset: 5 });
  expect(made.lit).toBe(1);
  made.pick({ offset: 0 });
  expect(made.lit).toBe(0);
  made.pick({ offset: 4 });
  expect(made.lit, 'a heading is for what is below it').toBe(1);
  made.pick({ offset: 0 });
  made.pick({ offset: 9 });
  expect(made.lit, 'below the last there is none').toBe(0);
});

it('finds it by its place on a page', () => {
  const box = { left: 0.1, top: 0.1, right: 0.9, bottom: 0.2 };
  const made = preview(row(0, 'one', { boxes: [{ page: 1, ...box }] }), row(5, 'two', { boxes: [{ page: 2, ...box }] }));
  made.pick({ page: 2, x: 0.5, y: 0.15 });
  expect(made.lit).toBe(1);
  made.pick({ page: 1, x: 0.5, y: 0.5 });
  expect(made.lit).toBe(1);
});

it('is narrowed by words and by what is left out, and shows what was clicked all the same', () => {
  const made = preview(row(0, 'Leave'), row(10, 'Travel', { is_silenced: true }));
  made.words = 'TRAV';
  expect(made.found.map(({ number }) => number)).toEqual([2]);
  made.words = '';
  made.onlyOff = true;
  expect(made.found.map(({ number }) => number)).toEqual([2]);
  expect(made.off).toBe(1);
  made.pick({ offset: 2 });
  expect(made.found.map(({ number }) => number)).toEqual([1, 2]);
});

it('draws a part of many, and as far as what was clicked', () => {
  const made = preview(...Array.from({ length: 1000 }, (_, index) => row(index * 10, 'word')));
  expect(made.shown.length).toBe(100);
  made.showMore();
  expect(made.shown.length).toBe(200);
  made.pick({ offset: 9000 });
  expect(made.shown.length).toBe(1000);
});
