// From when a version counts, and why it does not count today, in the reader's language.
import { isAhead } from '../i18n/days';
import { i18n } from '../i18n/i18n.svelte';

interface Dated {
  /** YYYY-MM-DD */
  effective_from: string;
}

export function effectiveFrom({ effective_from: day }: Dated): string {
  const { sources: t } = i18n.t;
  return isAhead(day) ? t.effectiveLater(i18n.date(day)) : t.effective(i18n.date(day));
}

/** Of a version that is not in force; `replaced`: another one is. */
export function notInForce({ effective_from: day }: Dated, replaced: boolean): string {
  const { sources: t } = i18n.t;
  if (isAhead(day)) return t.notYetInForce;
  return replaced ? t.newer : t.notInForce;
}
