// What a cited version is today: asked for when its card is first shown, and then once a minute at most.
import { api } from '../protocol/api';
import type { DocumentVersion } from '../protocol/types';

/** `newer`: another version of the document is in force. */
export type CitedVersion = DocumentVersion & { newer: boolean };

const lasting = 60_000;
const known = new Map<string, { at: number; versions: Promise<DocumentVersion[]> }>();

export async function versionOf(document: string, version: string): Promise<CitedVersion | null> {
  let found = known.get(document);
  if (!found || performance.now() - found.at > lasting) {
    // Whoever may no longer read it is told nothing.
    const versions = api.document(document).then((detail) => detail.versions, () => []);
    known.set(document, (found = { at: performance.now(), versions }));
  }
  const all = await found.versions;
  const cited = all.find(({ id }) => id === version);
  return cited ? { ...cited, newer: all.some((one) => one.in_force && one.number > cited.number) } : null;
}
