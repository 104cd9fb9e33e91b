// An answer as a list of blocks for drawing. A block that is closed and whose marks did not change keeps its identity,
// so that only the last block is drawn again while text streams in.
import type { TurnView } from '../chat/turnView';
import { toUnits } from './codePoints';
import { type RawBlock, splitBlocks } from './markdown';
import { type Cut, type Mark, type RangeStyle, withoutPrivateUse, withPlaceholders } from './marks';

export interface BlockView {
  key: number;
  source: string;
  marks: Mark[];
  open: boolean;
}

export type Answer = Pick<TurnView, 'text' | 'citations' | 'withdrawn' | 'verified' | 'values'>;

interface Annotations {
  citations: { at: number; citation: number }[];
  ranges: { start: number; end: number; style: RangeStyle }[];
  cuts: { start: number; end: number; noted: boolean }[];
}

export class BlockList {
  #text = '';
  #closed: RawBlock[] = [];
  readonly #drawn = new Map<number, { view: BlockView; signature: string }>();

  /** Blocks of the answer so far; `open` says that more text may come. */
  update(answer: Answer, open: boolean): BlockView[] {
    const text = withoutPrivateUse(answer.text);
    const blocks = this.#split(text);
    const annotations = annotationsOf(answer, text);
    return blocks.map((block, index) => this.#view(block, open && index === blocks.length - 1, annotations));
  }

  #split(text: string): RawBlock[] {
    if (!text.startsWith(this.#text)) this.#closed = [];
    this.#text = text;
    const last = this.#closed.at(-1);
    const offset = last ? last.start + last.raw.length : 0;
    const blocks = [...this.#closed, ...splitBlocks(text.slice(offset), offset)];
    this.#closed = blocks.slice(0, -1);
    return blocks;
  }

  #view(block: RawBlock, open: boolean, annotations: Annotations): BlockView {
    const { marks, cuts } = marksInside(block, annotations);
    const source = withPlaceholders(block.raw, marks, cuts);
    const signature = `${open ? 'open' : 'closed'}\n${marks.map(markSignature).join(' ')}\n${source}`;
    const known = this.#drawn.get(block.start);
    if (known?.signature === signature) return known.view;
    const view = { key: block.start, source, marks, open };
    this.#drawn.set(block.start, { view, signature });
    return view;
  }
}

const markSignature = (mark: Mark): string =>
  mark.kind === 'citation' ? `c${mark.citation}` : `${mark.kind}${'style' in mark ? mark.style : ''}`;

function annotationsOf(answer: Answer, text: string): Annotations {
  const marked = answer.verified.filter(({ state }) => state === 'unsupported' || state === 'partly');
  const ranges = [
    ...marked.map(({ range, state }) => ({ ...range, style: state as RangeStyle })),
    ...answer.values.map((range) => ({ ...range, style: 'value' as const })),
  ];
  const spans = [...ranges, ...answer.withdrawn.map(({ range }) => range)];
  const units = toUnits(text, [
    ...answer.citations.map((citation) => citation.at),
    ...spans.flatMap((span) => [span.start, span.end]),
  ]);
  const bounds = units.slice(answer.citations.length);
  const at = (index: number): Cut => ({ start: bounds[2 * index] ?? 0, end: bounds[2 * index + 1] ?? 0 });
  return {
    citations: answer.citations.map((_, citation) => ({ citation, at: units[citation] ?? 0 })),
    ranges: ranges.map(({ style }, index) => ({ ...at(index), style })),
    cuts: answer.withdrawn.map(({ reason }, index) => ({
      ...at(ranges.length + index),
      noted: reason === 'revoked',
    })),
  };
}

function marksInside(block: RawBlock, all: Annotations): { marks: Mark[]; cuts: Cut[] } {
  const from = block.start;
  const end = from + block.raw.length;
  const touching = <T extends Cut>(spans: T[]): T[] =>
    spans
      .filter((span) => span.start < end && span.end > from)
      .map((span) => ({ ...span, start: Math.max(span.start, from) - from, end: Math.min(span.end, end) - from }));
  const cuts = touching(all.cuts).sort((one, other) => one.start - other.start);
  const isCut = (at: number): boolean => cuts.some((cut) => at > cut.start && at <= cut.end);
  const citations = all.citations
    .filter(({ at }) => (at > from || at === 0) && at <= end && (at > 0 || from === 0))
    .map(({ at, citation }): Mark => ({ kind: 'citation', at: at - from, citation }))
    .filter((mark) => !isCut(mark.at));
  const ranges = touching(all.ranges)
    .filter((range) => range.end > range.start && !(isCut(range.end) && cuts.some((cut) => cut.start <= range.start)))
    .flatMap((range): Mark[] => [
      { kind: 'open', at: range.start, style: range.style },
      { kind: 'close', at: range.end, style: range.style },
    ]);
  const notes = cuts.filter((cut) => cut.noted).map((cut): Mark => ({ kind: 'withdrawn', at: cut.start }));
  // Ends of ranges before citations: the citation stands after the sentence that it supports, outside its marking.
  return { marks: [...ranges, ...citations, ...notes], cuts };
}
