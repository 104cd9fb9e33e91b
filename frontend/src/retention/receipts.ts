// A receipt as it is read and saved: terms with what is said of each.
import { i18n } from '../i18n/i18n.svelte';
import type { DeletionReceipt, ErasureReceipt } from '../protocol/types';
import type { Words } from './words';

export interface Receipt {
  kind: 'document' | 'person';
  id: string;
  lines: { term: string; says: string[] }[];
}

const total = (count: unknown): number =>
  typeof count === 'number' ? count : Object.values(count ?? {}).reduce<number>((sum, each) => sum + Number(each), 0);

/** What became of it, in one sentence. */
export function stateOf({ state, reason, due_at, purged_at }: DeletionReceipt, t: Words): string {
  if (state === 'held') return t.states.held(reason);
  if (purged_at) return t.states.purged(i18n.time(purged_at));
  return due_at && new Date(due_at) > new Date() ? t.states.due(i18n.time(due_at)) : t.states.waiting;
}

export function receiptOfDeletion(receipt: DeletionReceipt, t: Words): Receipt {
  const { document_id, title, collection_id, collection, deleted_at, deleted_by, purged_at, removed } = receipt;
  const counts = Object.entries(t.counts).flatMap(([kind, told]) => (kind in removed ? [[total(removed[kind]), told] as const] : []));
  const lines = [
    { term: t.terms.document, says: [title, document_id] },
    { term: t.terms.collection, says: [collection, collection_id] },
    { term: t.terms.deleted, says: [t.by(i18n.time(deleted_at), deleted_by || t.bySourceOrRule)] },
    { term: t.terms.state, says: [stateOf(receipt, t)] },
    // What is zero is proof as well, but for what only sometimes happens.
    { term: t.terms.removed, says: purged_at ? counts.filter(([n], index) => n > 0 || index < 3).map(([n, told]) => told(n)) : [] },
  ];
  return { kind: 'document', id: document_id, lines: said(lines) };
}

export function receiptOfErasure(receipt: ErasureReceipt, t: Words): Receipt {
  const { person, person_id, erased_at, erased_by, conversations, questions } = receipt;
  const lines = [
    { term: t.terms.person, says: [person, person_id] },
    { term: t.terms.erased, says: [t.by(i18n.time(erased_at), erased_by)] },
    { term: t.terms.removed, says: [t.erasedCounts(conversations, questions)] },
    { term: t.terms.also, says: [t.erasedAlso] },
    { term: t.terms.stays, says: [t.erasedStays] },
  ];
  return { kind: 'person', id: person_id, lines: said(lines) };
}

const said = (lines: Receipt['lines']): Receipt['lines'] =>
  lines.map(({ term, says }) => ({ term, says: says.filter(Boolean) })).filter(({ says }) => says.length > 0);

/** As a file that is read without this program. */
export const textOf = ({ kind, lines }: Receipt, t: Words): string =>
  [`kbchat: ${t.receiptTitle[kind]}`, '', ...lines.flatMap(({ term, says }) => [term, ...says.map((one) => `  ${one}`)]), ''].join('\n');
