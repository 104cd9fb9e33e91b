import { expect, it } from 'vitest';
import { en } from '../i18n/en';
import type { GoldenRun, QuestionFigures } from '../protocol/types';
import { inForceFacts, outcome, pointsOf, turned } from './figures';

const inForce = {
  generation: 3,
  encoder: 'sentence-transformers/all-MiniLM-L6-v2',
  encoder_revision: 'r',
  dense_weight: { en: 0.5, zh: 0.1 },
  temperature: 0.1,
  reranker: '',
  glossary_names: 0,
  glossary: 'a',
  null_weights: { en: { bias: -1, gap: 2 } },
  answer_from: { en: 0.45 },
};
const run = (id: string, found: number, more: Partial<GoldenRun> = {}): GoldenRun => ({
  ...{ id, started_at: '2026-01-01T00:00:00Z', finished_at: null, in_force: inForce, answerable: 4, found },
  ...{ recall: 0.5, mrr: 0.25, answered: 2, silent: 0, refused: 0, outdated: 0, worded: 0, said: 0, is_own: true },
  ...more,
});
const figures = (more: Partial<QuestionFigures> = {}): QuestionFigures => ({
  ...{ expects_places: true, is_outdated: false, found_at: 1, reciprocal_rank: 1, recall: 1 },
  ...{ is_refused: false, says_expected: null },
  ...more,
});
const measured = (now: QuestionFigures, before: QuestionFigures | null): Parameters<typeof turned>[0] => ({
  ...{ question_id: 'q', text: 'How many?', is_changed: false, now, before },
});

it('runs become points from old to new, with what was changed between them', () => {
  const other = { ...inForce, dense_weight: { zh: 0.1, en: 0.7 } };
  const same = { ...inForce, dense_weight: { zh: 0.1, en: 0.5 } };
  const points = pointsOf([run('c', 4, { in_force: other, silent: 2, refused: 1 }), run('b', 2, { in_force: same }), run('a', 1)]);
  expect(points.map((point) => point.run.id)).toEqual(['a', 'b', 'c']);
  expect(points.map((point) => point.changed)).toEqual([false, false, true]);
  expect(points.map((point) => point.values.found)).toEqual([0.25, 0.5, 1]);
  expect(points.map((point) => point.values.refused)).toEqual([null, null, 0.5]);
});

it('what ranked is told in short', () => {
  expect(inForceFacts(inForce, en.golden)).toEqual([
    'index 3',
    'all-MiniLM-L6-v2',
    'meaning English 50 %, Chinese 10 %',
    'temperature 0.1',
    'answers from English 45 %',
  ]);
});

it('a run of before tells no threshold, and another threshold or glossary is a change', () => {
  const former = { ...inForce, glossary: null, null_weights: null, answer_from: null };
  expect(inForceFacts(former, en.golden)).not.toContain('answers from English 45 %');
  const changed = (now: Partial<typeof inForce>, before: GoldenRun['in_force'] = inForce): boolean | undefined =>
    pointsOf([run('b', 1, { in_force: { ...inForce, ...now } }), run('a', 1, { in_force: before })])[1]?.changed;
  expect(changed({})).toBe(false);
  expect(changed({}, former)).toBe(false);
  expect(changed({ null_weights: { en: { gap: 2, bias: -1 } } })).toBe(false);
  expect(changed({ null_weights: { en: { gap: 2, bias: -2 } } })).toBe(true);
  expect(changed({ answer_from: { en: 0.5 } })).toBe(true);
  expect(changed({ glossary: 'b' })).toBe(true);
});

it('an outcome is a place, a refusal, or that it has to be marked anew', () => {
  expect(outcome(null, en.golden)).toBe('not run yet');
  expect(outcome(figures({ found_at: 3 }), en.golden)).toBe('place 3');
  expect(outcome(figures({ found_at: null, is_refused: true }), en.golden)).toBe('not found · refused');
  expect(outcome(figures({ is_outdated: true, found_at: null }), en.golden)).toBe('mark anew');
  const silent = { expects_places: false, found_at: null };
  expect(outcome(figures({ ...silent, is_refused: true }), en.golden)).toBe('refused, as it should be');
  expect(outcome(figures(silent), en.golden)).toBe('answered from something else');
});

it('a question is lost or won where it crosses the tenth place, or is refused otherwise', () => {
  expect(turned(measured(figures(), null))).toBeNull();
  expect(turned(measured(figures({ found_at: 10 }), figures()))).toBeNull();
  expect(turned(measured(figures({ found_at: 11 }), figures()))).toBe('lost');
  expect(turned(measured(figures(), figures({ found_at: null })))).toBe('won');
  expect(turned(measured(figures({ is_outdated: true, found_at: null }), figures()))).toBeNull();
  const silent = { expects_places: false, found_at: null };
  expect(turned(measured(figures(silent), figures({ ...silent, is_refused: true })))).toBe('lost');
});
