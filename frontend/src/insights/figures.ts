// What is drawn of the figures: series by day, and a scale with round numbers.
import type { DayFigures, Figures } from '../protocol/types';

export type FigureName = keyof Figures;

/** What is drawn together, in one unit. */
export const plots = {
  use: ['questions', 'people'],
  waiting: ['waited_p50', 'waited_p95'],
  endings: ['answered', 'not_found', 'failed', 'stopped'],
  feedback: ['helpful', 'unhelpful'],
} as const satisfies Record<string, FigureName[]>;
export type PlotName = keyof typeof plots;

/** By day; null where nothing is told, or nobody waited. */
export const valuesOf = (days: DayFigures[], name: FigureName): (number | null)[] =>
  days.map(({ figures }) => figures?.[name] ?? null);

/** The smallest of 1, 2 or 5 times a power of ten that is at least as much; of whole things one with a whole half. */
export function roundTop(most: number, whole: boolean): number {
  const least = whole ? 2 : 0.1;
  if (most <= least) return least;
  const power = 10 ** Math.floor(Math.log10(most));
  return power * ([1, 2, whole ? 4 : 5].find((step) => step * power >= most) ?? 10);
}
