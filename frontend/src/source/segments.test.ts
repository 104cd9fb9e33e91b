import { expect, it } from 'vitest';
import type { ContentBlock } from '../protocol/types';
import { headingLevels, pieces, segments, tableRows } from './segments';

it('lights the span by code points', () => {
  expect(segments('😀年假 12 天', 100, { start: 101, end: 103 })).toEqual([
    { text: '😀', lit: false },
    { text: '年假', lit: true },
    { text: ' 12 天', lit: false },
  ]);
});

it('lights the part of a span that lies in the block', () => {
  expect(segments('abc', 10, { start: 0, end: 11 })).toEqual([
    { text: 'a', lit: true },
    { text: 'bc', lit: false },
  ]);
  expect(segments('abc', 10, { start: 13, end: 20 })).toEqual([{ text: 'abc', lit: false }]);
  expect(segments('abc', 10, { start: 11, end: 11 })).toEqual([{ text: 'abc', lit: false }]);
});

const block = (kind: ContentBlock['kind'], text: string, rows: [number, number][] = []): ContentBlock => ({
  ...{ kind, start: 5, end: 5 + [...text].length, text, level: null, page: null, rows, header_rows: 1 },
});

it('cuts table rows into cells with their places', () => {
  const table = block('table', '𠮷 | Days\nx | 25', [
    [5, 13],
    [14, 20],
  ]);
  expect(tableRows(table)).toEqual([
    [
      { text: '𠮷', start: 5 },
      { text: 'Days', start: 9 },
    ],
    [
      { text: 'x', start: 14 },
      { text: '25', start: 18 },
    ],
  ]);
});

it('gives headings levels without a gap, below the page', () => {
  const heading = (start: number, level: number): ContentBlock => ({ ...block('heading', 'h'), start, level });
  const levels = headingLevels([heading(1, 2), heading(2, 4), heading(3, 4), heading(4, 2), heading(5, 1)], 2);
  expect([...levels.values()]).toEqual([3, 4, 4, 3, 3]);
});

it('gathers neighbouring list items', () => {
  const made = pieces([block('paragraph', 'a'), block('list_item', 'b'), block('list_item', 'c'), block('quote', 'd')]);
  expect(made.map((piece) => (piece.kind === 'list' ? piece.items.length : piece.block.kind))).toEqual([
    'paragraph',
    2,
    'quote',
  ]);
});
