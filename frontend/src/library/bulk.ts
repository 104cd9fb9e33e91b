// Moving, dating, deleting, cancelling and retrying documents, and what is said of it. What none of them allowed is thrown; what some did not
// allow is told, and stays chosen.
import { i18n } from '../i18n/i18n.svelte';
import { problemText } from '../i18n/problem';
import type { Collection, DocumentRow } from '../protocol/types';
import { status } from '../ui/status.svelte';
import { undo } from '../ui/undo.svelte';
import { type BulkOutcome, type ChangedDays, documents } from './documents.svelte';

export async function moveAll(rows: DocumentRow[], target: Collection): Promise<void> {
  const outcome = await documents.move(rows, target.id);
  const { done } = outcome;
  tell(rows, outcome, () =>
    undo.offer({
      text: naming(done, (title) => i18n.t.library.moved(title, target.name), (n) => i18n.t.library.movedMany(n, target.name)),
      takeBack: () => takenBack(documents.moveBack(done)),
    }),
  );
}

export async function dateAll(rows: DocumentRow[], days: ChangedDays): Promise<void> {
  const outcome = await documents.setDays(rows, days);
  const { dated, datedMany } = i18n.t.library;
  const { done } = outcome;
  // Each as its row says that it was.
  tell(rows, outcome, () =>
    undo.offer({ text: naming(done, dated, datedMany), takeBack: () => takenBack(documents.setDays(done, {})) }),
  );
}

/** `days`: for how many they can be restored. */
export async function removeAll(rows: DocumentRow[], days: number): Promise<void> {
  const outcome = await documents.remove(rows);
  const { removed, removedMany } = i18n.t.library;
  const { done } = outcome;
  const text = naming(done, removed, removedMany);
  tell(rows, outcome, () => {
    if (days > 0) undo.offer({ text, takeBack: () => takenBack(documents.restoreAll(done)) });
    else status.show(text);
  });
}

export async function retryAll(rows: DocumentRow[]): Promise<void> {
  const outcome = await documents.retry(rows);
  const { retried, retriedMany } = i18n.t.library;
  tell(rows, outcome, () => status.show(naming(outcome.done, retried, retriedMany)));
}

export async function cancelAll(rows: DocumentRow[]): Promise<void> {
  const outcome = await documents.cancel(rows);
  const { cancelled, cancelledMany } = i18n.t.library;
  tell(rows, outcome, () => status.show(naming(outcome.done, cancelled, cancelledMany)));
}

export async function cancelEverything(): Promise<void> {
  status.show(i18n.t.library.cancelledMany(await documents.cancelEverything()));
}

async function takenBack(outcome: Promise<BulkOutcome>): Promise<void> {
  const { problem } = await outcome;
  if (problem) throw problem;
}

function tell(rows: DocumentRow[], { done, problem }: BulkOutcome, tellDone: () => void): void {
  if (problem && done.length === 0) throw problem;
  tellDone();
  if (problem) status.show(i18n.t.library.notAll(rows.length - done.length, problemText(problem, i18n.t)));
}

const naming = (rows: DocumentRow[], one: (title: string) => string, many: (n: number) => string): string =>
  rows.length === 1 ? one(rows[0]?.title ?? '') : many(rows.length);
