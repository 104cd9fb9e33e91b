// An error as a sentence with its next step: the server's own words first, ours where it gave none.
import { ApiError } from '../protocol/request';
import type { Problem } from '../protocol/types';
import type { Catalogue } from './en';
import { i18n } from './i18n.svelte';

/** What the server says of a problem. */
export const toldBy = (problem: Pick<Problem, 'message' | 'next_step'>): string =>
  i18n.sentences(problem.message, problem.next_step);

export function problemText(error: unknown, t: Catalogue): string {
  if (!(error instanceof ApiError)) return t.errors.general;
  const { problem, code } = error;
  if (problem.message) return toldBy(problem);
  if (code === 'offline') return t.errors.offline;
  if (error.status === 403) return t.errors.notAllowed;
  if (error.status === 404) return t.errors.notFound;
  if (error.status === 413) return t.errors.tooLarge;
  return t.errors.general;
}
