// An error as a sentence with its next step: the server's own words first, ours where it gave none.
import { ApiError } from '../protocol/request';
import type { Catalogue } from './en';
import { i18n } from './i18n.svelte';

export function problemText(error: unknown, t: Catalogue): string {
  if (!(error instanceof ApiError)) return t.errors.general;
  const { message, next_step: nextStep, code } = error.problem;
  if (message) return i18n.sentences(message, nextStep);
  if (code === 'offline') return t.errors.offline;
  if (error.status === 403) return t.errors.notAllowed;
  if (error.status === 404) return t.errors.notFound;
  if (error.status === 413) return t.errors.tooLarge;
  return t.errors.general;
}
