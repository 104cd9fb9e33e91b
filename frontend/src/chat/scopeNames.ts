// What a scope is called, part by part, in the reader's language: for chips and sentences.
import { i18n } from '../i18n/i18n.svelte';
import type { ChosenScope } from './scope';

export function daysName({ since, until }: ChosenScope): string {
  const { scope: t } = i18n.t;
  if (since && until) return t.between(i18n.date(since), i18n.date(until));
  return since ? t.since(i18n.date(since)) : t.until(i18n.date(until));
}

/** All that narrows besides collections and documents. */
export function furtherNames(scope: ChosenScope): string[] {
  return [
    ...scope.kinds.map((kind) => i18n.t.scope.kinds[kind]),
    ...scope.languages.map((language) => i18n.languageName(language)),
    ...(scope.since || scope.until ? [daysName(scope)] : []),
  ];
}
