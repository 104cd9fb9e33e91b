// What was written and not sent, for each conversation, and the question that waits there. Kept in the browser, under the
// person it belongs to.
export interface WaitingQuestion {
  /** Of the message: sent twice, from two windows, it is asked once. */
  id: string;
  /** The turn whose answer it waits for: a window that does not know it does not send it. */
  after: string;
  question: string;
}

const prefix = (person: string): string => `kbchat.draft.${person}.`;
const draftKey = (person: string, conversation: string | null): string => prefix(person) + (conversation ?? 'new');
const waitingKey = (person: string, conversation: string | null): string =>
  `${prefix(person)}waiting.${conversation ?? 'new'}`;

/** What this window kept last: under the same key another one may have kept something else. */
const own = new Map<string, string>();

function keep(key: string, text: string): void {
  own.set(key, text);
  if (text) localStorage.setItem(key, text);
  else localStorage.removeItem(key);
}

export function readDraft(person: string, conversation: string | null): string {
  return localStorage.getItem(draftKey(person, conversation)) ?? '';
}

export function keepDraft(person: string, conversation: string | null, text: string): void {
  keep(draftKey(person, conversation), text);
}

export function readWaiting(person: string, conversation: string | null): WaitingQuestion | null {
  const text = localStorage.getItem(waitingKey(person, conversation));
  return text ? (JSON.parse(text) as WaitingQuestion) : null;
}

export function keepWaiting(person: string, conversation: string | null, waiting: WaitingQuestion | null): void {
  keep(waitingKey(person, conversation), waiting ? JSON.stringify(waiting) : '');
}

/** What is written here while the first question is under way belongs to the conversation that it begins; what is
 * written in another window's empty one stays there. */
export function takeDraftAlong(person: string, conversation: string): void {
  for (const key of [draftKey, waitingKey]) {
    const mine = own.get(key(person, null)) ?? '';
    keep(key(person, conversation), mine);
    if (localStorage.getItem(key(person, null)) === mine) keep(key(person, null), '');
    own.delete(key(person, null));
  }
}

export function forgetDrafts(person: string): void {
  own.clear();
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix(person))) localStorage.removeItem(key);
}
