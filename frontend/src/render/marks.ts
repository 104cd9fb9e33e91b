// Where citations and ranges stand in a block, written into its Markdown as single private-use characters that survive
// parsing as ordinary letters. Incoming text never holds such characters (they are replaced first), so that a document
// or a model cannot forge one. Offsets here are UTF-16 units of the block.
import { placeBackwards, placeForwards } from './places';

export type RangeStyle = 'unsupported' | 'partly' | 'value';

export type Mark =
  | { kind: 'citation'; at: number; citation: number }
  | { kind: 'open' | 'close'; at: number; style: RangeStyle }
  | { kind: 'withdrawn'; at: number };

export interface Cut {
  start: number;
  end: number;
}

const first = 0xe000;
const capacity = 0xf8ff - first + 1;
const privateUse = /[\uE000-\uF8FF]/g;

/** Same length in UTF-16 units and in code points, so that offsets stay true. */
export function withoutPrivateUse(text: string): string {
  return text.replace(privateUse, '\uFFFD').replace(/\r\n/g, ' \n').replace(/\r/g, '\n');
}

export const placeholderPattern = /([\uE000-\uF8FF])/;

export function placeholderIndex(character: string): number {
  const code = character.charCodeAt(0);
  return character.length === 1 && code >= first && code < first + capacity ? code - first : -1;
}

/** `raw` without the cuts and with one placeholder for each mark, moved to where it does not change the Markdown. */
export function withPlaceholders(raw: string, marks: readonly Mark[], cuts: readonly Cut[]): string {
  const placed = marks
    .slice(0, capacity)
    .map((mark, index) => ({
      at: mark.kind === 'open' ? placeForwards(raw, mark.at) : placeBackwards(raw, mark.at),
      index,
      rank: mark.kind === 'open' ? 1 : 0,
    }))
    .sort((one, other) => one.at - other.at || one.rank - other.rank || one.index - other.index);
  let out = '';
  let from = 0;
  for (const { at, index } of placed) {
    out += withoutCuts(raw, from, at, cuts) + String.fromCharCode(first + index);
    from = at;
  }
  return out + withoutCuts(raw, from, raw.length, cuts);
}

function withoutCuts(raw: string, start: number, end: number, cuts: readonly Cut[]): string {
  let out = '';
  let from = start;
  for (const cut of cuts) {
    if (cut.end <= from || cut.start >= end) continue;
    out += raw.slice(from, Math.max(from, cut.start));
    from = Math.min(end, cut.end);
  }
  return out + raw.slice(from, end);
}
