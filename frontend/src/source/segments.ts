// A block's text cut at the bounds of the lit passage, and table rows cut into cells. Offsets are code points of the
// whole version's text.
import type { ContentBlock } from '../protocol/types';
import { countPoints, slicePoints } from '../render/codePoints';

export interface Segment {
  text: string;
  lit: boolean;
}

export interface Span {
  start: number;
  end: number;
}

/** Where a reader clicked: in the text, or on a page, in fractions of it. */
export type Place = { offset: number } | { page: number; x: number; y: number };

/** The span where it lights something of `part`. Nothing is drawn anew where it does not. */
export function within(part: Span, span: Span | null): Span | null {
  return span && span.start < part.end && span.end > part.start ? span : null;
}

/** `text` begins at `offset`; what lies within `span` is lit. */
export function segments(text: string, offset: number, span: Span | null): Segment[] {
  const length = countPoints(text);
  if (!span || span.end <= offset || span.start >= offset + length || span.end <= span.start) {
    return text ? [{ text, lit: false }] : [];
  }
  const from = Math.max(0, span.start - offset);
  const to = Math.min(length, span.end - offset);
  return [
    { text: slicePoints(text, 0, from), lit: false },
    { text: slicePoints(text, from, to), lit: true },
    { text: slicePoints(text, to, length), lit: false },
  ].filter((segment) => segment.text !== '');
}

export const cellSeparator = ' | ';

export interface Cell {
  text: string;
  start: number;
}

export function tableRows(block: ContentBlock): Cell[][] {
  return block.rows.map(([start, end]) => {
    const row = slicePoints(block.text, start - block.start, end - block.start);
    let at = start;
    return row.split(cellSeparator).map((text) => {
      const cell = { text, start: at };
      at += countPoints(text) + cellSeparator.length;
      return cell;
    });
  });
}

/** Heading levels for the page, by block start: below the page's own, and never skipping one. */
export function headingLevels(blocks: readonly ContentBlock[], below: number): Map<number, number> {
  const levels = new Map<number, number>();
  const open: number[] = [];
  for (const block of blocks) {
    if (block.kind !== 'heading') continue;
    const own = block.level ?? 1;
    while (open.length > 0 && (open.at(-1) ?? 0) >= own) open.pop();
    open.push(own);
    levels.set(block.start, Math.min(6, below + open.length));
  }
  return levels;
}

/** Blocks that are items of one list belong together. */
export type Piece = { kind: 'block'; block: ContentBlock } | { kind: 'list'; items: ContentBlock[] };

export function pieces(blocks: readonly ContentBlock[]): Piece[] {
  const made: Piece[] = [];
  for (const block of blocks) {
    const last = made.at(-1);
    if (block.kind !== 'list_item') made.push({ kind: 'block', block });
    else if (last?.kind === 'list') last.items.push(block);
    else made.push({ kind: 'list', items: [block] });
  }
  return made;
}
