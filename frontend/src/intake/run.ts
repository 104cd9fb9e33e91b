// What a run did, and what went wrong with it, in the reader's words.
import type { SourceRun } from '../protocol/types';
import type { Words } from './words';

const counters = ['new', 'changed', 'removed', 'held', 'refused', 'left_out', 'unchanged'] as const;

/** Only what is not 0. */
export function changesOf(run: SourceRun, words: Words): string {
  return counters
    .filter((name) => run[name] > 0)
    .map((name) => words.changes[name](run[name]))
    .join(words.between);
}

export function troubleOf(run: SourceRun, words: Words): string {
  if (run.problem) return `${run.problem.message} ${run.problem.next_step}`.trim();
  return run.state === 'succeeded' && !run.is_complete ? words.incomplete : '';
}

export const isUnderWay = (run: SourceRun | null): boolean => run?.state === 'queued' || run?.state === 'running';
