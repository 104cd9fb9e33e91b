// The nearest place in a block of Markdown where one more letter does not change what the Markdown means: not before a
// list bullet, not on a fence or a table's rule, not after a row's last bar, not inside a run of asterisks.

const blockPrefix = /^[ \t]*(?:>[ \t]?|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?|\d{1,9}[.)][ \t]+|#{1,6}[ \t]+|\|[ \t]*)*/;
const structuralLine = /^[ \t>]*(?:(?:`{3,}|~{3,}).*|[-=*_ \t|:]{3,})$/;

function lineAt(raw: string, at: number): { start: number; text: string } {
  const start = at === 0 ? 0 : raw.lastIndexOf('\n', at - 1) + 1;
  const end = raw.indexOf('\n', at);
  return { start, text: raw.slice(start, end === -1 ? raw.length : end) };
}

/** For the beginning of a range. */
export function placeForwards(raw: string, from: number): number {
  let at = Math.min(from, raw.length);
  for (;;) {
    while (at < raw.length && /\s/.test(raw.charAt(at))) at += 1;
    const line = lineAt(raw, at);
    if (!structuralLine.test(line.text)) return Math.max(at, line.start + prefixLength(line.text));
    const after = line.start + line.text.length;
    if (after >= raw.length) return after;
    at = after + 1;
  }
}

/** For a citation and for the end of a range. */
export function placeBackwards(raw: string, from: number): number {
  let at = Math.min(from, raw.length);
  for (;;) {
    while (at > 0 && /\s/.test(raw.charAt(at - 1))) at -= 1;
    const line = lineAt(raw, at);
    if (structuralLine.test(line.text) && line.start > 0) {
      at = line.start - 1;
      continue;
    }
    const prefix = line.start + prefixLength(line.text);
    if (at <= prefix) return Math.min(prefix, raw.length);
    return insideRun(raw, insideRow(raw, at, line));
  }
}

const prefixLength = (line: string): number => blockPrefix.exec(line)?.[0].length ?? 0;

/** Before the closing bar of a table row: cells beyond the last are dropped by the parser. */
function insideRow(raw: string, at: number, line: { start: number; text: string }): number {
  if (!line.text.trimStart().startsWith('|') || raw.charAt(at - 1) !== '|') return at;
  let inside = at - 1;
  while (inside > line.start && raw.charAt(inside - 1) === ' ') inside -= 1;
  return inside > line.start ? inside : at;
}

/** Never between two characters of one emphasis or code mark. */
function insideRun(raw: string, at: number): number {
  let place = at;
  while (place > 0 && /[*_`~]/.test(raw.charAt(place)) && raw.charAt(place) === raw.charAt(place - 1)) place -= 1;
  return place;
}
