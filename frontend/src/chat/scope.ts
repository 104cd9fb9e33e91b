// What a question or a search is narrowed to: as the page holds it, in the address, and on the wire. Empty fields narrow
// nothing; days are YYYY-MM-DD.
import type { DocumentLanguage, FileKind, Scope } from '../protocol/types';

export interface ChosenScope {
  collections: string[];
  documents: string[];
  kinds: FileKind[];
  languages: DocumentLanguage[];
  /** Documents that took effect on this day or later. */
  since: string;
  /** On this day or earlier. */
  until: string;
}

export const everything: ChosenScope = { collections: [], documents: [], kinds: [], languages: [], since: '', until: '' };

const fileKinds: readonly FileKind[] = ['pdf', 'word', 'slides', 'sheet', 'web', 'mail', 'book', 'picture', 'markdown', 'text'];
const documentLanguages: readonly DocumentLanguage[] = ['en', 'zh', 'other'];

export const isEverything = (scope: ChosenScope): boolean =>
  !scope.since && !scope.until && lists(scope).every((list) => list.length === 0);

const lists = ({ collections, documents, kinds, languages }: ChosenScope): string[][] => [
  collections,
  documents,
  kinds,
  languages,
];

/** With `item` if it was not there, without it if it was. */
export const toggled = <T>(list: readonly T[], item: T): T[] =>
  list.includes(item) ? list.filter((one) => one !== item) : [...list, item];

const identifier = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** A day that there is, "" for anything else: a field takes six digits for a year, an address any. */
export function knownDay(day: string): string {
  const time = /^[1-9]\d{3}-\d\d-\d\d$/.test(day) ? Date.parse(day) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day) ? day : '';
}

/** What an address says that nobody can choose is left out. */
export function scopeOfQuery(query: URLSearchParams): ChosenScope {
  const list = (name: string): string[] => (query.get(name) ?? '').split(',').filter(Boolean);
  const identifiers = (name: string): string[] => list(name).filter((id) => identifier.test(id));
  return {
    collections: identifiers('in'),
    documents: identifiers('doc'),
    kinds: fileKinds.filter((kind) => list('kind').includes(kind)),
    languages: documentLanguages.filter((language) => list('lang').includes(language)),
    since: knownDay(query.get('since') ?? ''),
    until: knownDay(query.get('until') ?? ''),
  };
}

export const queryOfScope = (scope: ChosenScope): Record<'in' | 'doc' | 'kind' | 'lang' | 'since' | 'until', string> => ({
  in: scope.collections.join(','),
  doc: scope.documents.join(','),
  kind: scope.kinds.join(','),
  lang: scope.languages.join(','),
  since: scope.since,
  until: scope.until,
});

/** Where something is asked of it; `rest`: what else the address says. */
export function addressIn(scope: ChosenScope, path: string, rest: Record<string, string>): string {
  const said = Object.entries({ ...rest, ...queryOfScope(scope) }).filter(([, value]) => value);
  return `${path}?${new URLSearchParams(said).toString()}`;
}

export const scopeOfWire = (scope: Scope): ChosenScope => ({
  collections: scope.collection_ids,
  documents: scope.document_ids,
  kinds: scope.kinds,
  languages: scope.languages,
  since: scope.since ?? '',
  until: scope.until ?? '',
});

export const wireOfScope = (scope: ChosenScope): Scope => ({
  collection_ids: scope.collections,
  document_ids: scope.documents,
  kinds: scope.kinds,
  languages: scope.languages,
  since: scope.since || null,
  until: scope.until || null,
});
