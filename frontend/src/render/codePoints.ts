// The server counts Unicode code points, JavaScript counts UTF-16 units. All conversions happen here.

/** UTF-16 offsets for code-point `offsets` (any order; beyond the end means the end), in one pass. */
export function toUnits(text: string, offsets: readonly number[]): number[] {
  const order = offsets.map((offset, index) => ({ offset, index })).sort((a, b) => a.offset - b.offset);
  const units = new Array<number>(offsets.length).fill(text.length);
  let unit = 0;
  let points = 0;
  for (const { offset, index } of order) {
    while (points < offset && unit < text.length) {
      unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
      points += 1;
    }
    units[index] = unit;
  }
  return units;
}

/** The part of `text` between two code-point offsets. */
export function slicePoints(text: string, start: number, end: number): string {
  const [from = 0, to = 0] = toUnits(text, [start, end]);
  return text.slice(from, to);
}

export function countPoints(text: string): number {
  let points = 0;
  for (let unit = 0; unit < text.length; points += 1) unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  return points;
}
