// What a run did, and what went wrong with it, in the reader's words.
import { i18n } from '../i18n/i18n.svelte';
import { toldBy } from '../i18n/problem';
import type { SourceRun } from '../protocol/types';
import type { Words } from './words';

const counters = ['new', 'changed', 'removed', 'held', 'refused', 'left_out', 'unchanged', 'readers_changed'] as const;

/** Only what is not 0. */
export function changesOf(run: SourceRun, words: Words): string {
  return counters
    .filter((name) => run[name] > 0)
    .map((name) => words.changes[name](run[name]))
    .join(words.between);
}

export function troubleOf(run: SourceRun, words: Words): string {
  if (run.problem) return toldBy(run.problem);
  return run.state === 'succeeded' && !run.is_complete ? words.incomplete : '';
}

/** What is in it that nobody reads here. */
export function picturesOf(run: SourceRun, words: Words): string {
  return run.unread_pictures > 0 ? words.unreadPictures(run.unread_pictures) : '';
}

/** Who was let read what could not be said for all of it. */
export function permissionTroubleOf(run: SourceRun, words: Words): string {
  const found = run.permissions_problem;
  return found ? i18n.sentences(found.message, words.withheld(run.withheld), found.next_step) : '';
}

export const isUnderWay = (run: SourceRun | null): boolean => run?.state === 'queued' || run?.state === 'running';
