// What the figures of a run say: shares for the plot, and words for a question.
import type { Catalogue } from '../i18n/en';
import type { GoldenRun, InForce, MeasuredQuestion, QuestionFigures } from '../protocol/types';
import { share } from '../search/share';

export type SeriesName = 'found' | 'mrr' | 'refused';
export interface Point {
  run: GoldenRun;
  /** 0 to 1; null where the run asked no such question. */
  values: Record<SeriesName, number | null>;
  /** Something else ranked than in the run before. */
  changed: boolean;
}

const counted = 10;
const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/** `runs`: newest first; points: oldest first. */
export function pointsOf(runs: GoldenRun[]): Point[] {
  const ordered = runs.toReversed();
  return ordered.map((run, index) => {
    const before = ordered[index - 1];
    return {
      run,
      values: {
        found: ratio(run.found, run.answerable),
        mrr: run.mrr,
        refused: ratio(run.refused, run.silent),
      },
      changed: before !== undefined && !sameInForce(before.in_force, run.in_force),
    };
  });
}

/** What one of the two did not keep tells nothing. */
function sameInForce(one: InForce, other: InForce): boolean {
  const names = Object.keys(one) as (keyof InForce)[];
  return names.every((name) => {
    const [a, b] = [one[name] ?? null, other[name] ?? null];
    return a === null || b === null || inOrder(a) === inOrder(b);
  });
}

function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' ? Object.fromEntries(Object.entries(part).sort()) : part,
  );
}

/** Short facts of what ranked. */
export function inForceFacts(inForce: InForce, t: Catalogue['golden']): string[] {
  const byLanguage = (values: Record<string, number>): string[] =>
    Object.entries(values).map(([language, value]) => `${t.languages[language] ?? language} ${share(value)}`);
  const weights = byLanguage(inForce.dense_weight);
  return [
    t.generation(inForce.generation),
    inForce.encoder.split('/').at(-1) ?? inForce.encoder,
    ...(weights.length > 0 ? [t.weights(weights.join(', '))] : []),
    t.temperature(inForce.temperature),
    ...(inForce.answer_from ? [t.answersFrom(byLanguage(inForce.answer_from).join(', '))] : []),
    ...(inForce.reranker ? [t.reranker(inForce.reranker.split('/').at(-1) ?? inForce.reranker)] : []),
    ...(inForce.glossary_names > 0 ? [t.glossary(inForce.glossary_names)] : []),
  ];
}

/** What search made of a question. */
export function outcome(figures: QuestionFigures | null, t: Catalogue['golden']): string {
  if (!figures) return t.notRun;
  if (figures.is_outdated) return t.outdated;
  if (!figures.expects_places) return figures.is_refused ? t.refusedRightly : t.answered;
  const place = figures.found_at === null ? t.notFound : t.at(figures.found_at);
  return figures.is_refused ? `${place} · ${t.refused}` : place;
}

const passes = (figures: QuestionFigures): boolean =>
  figures.expects_places ? figures.found_at !== null && figures.found_at <= counted : figures.is_refused;

/** Whether it did well before and does not now, or the other way round. Neither where one of the two tells nothing. */
export function turned({ now, before }: MeasuredQuestion): 'lost' | 'won' | null {
  if (!before || now.is_outdated || before.is_outdated) return null;
  if (passes(now) === passes(before)) return null;
  return passes(now) ? 'won' : 'lost';
}
