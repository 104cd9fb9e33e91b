// What was written and not sent, for each conversation. Kept in the browser, under the person it belongs to.
const prefix = (person: string): string => `kbchat.draft.${person}.`;

export function readDraft(person: string, conversation: string | null): string {
  return localStorage.getItem(prefix(person) + (conversation ?? 'new')) ?? '';
}

export function keepDraft(person: string, conversation: string | null, text: string): void {
  const key = prefix(person) + (conversation ?? 'new');
  if (text) localStorage.setItem(key, text);
  else localStorage.removeItem(key);
}

/** What is written while the first question is under way belongs to the conversation that it begins. */
export function takeDraftAlong(person: string, conversation: string): void {
  keepDraft(person, conversation, readDraft(person, null));
  keepDraft(person, null, '');
}

export function forgetDrafts(person: string): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix(person))) localStorage.removeItem(key);
}
