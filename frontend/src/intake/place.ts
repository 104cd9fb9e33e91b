// What says where a source is, by its kind, in the order in which it is asked for. The server checks it.
import type { KeptSource } from '../protocol/types';

export type Kind = KeptSource['kind'];

interface Field {
  name: string;
  needed?: true;
}

export const fieldsOf: Record<Kind, Field[]> = {
  folder: [{ name: 'folder', needed: true }],
  mail_folder: [{ name: 'folder', needed: true }],
  git: [{ name: 'url', needed: true }, { name: 'branch' }, { name: 'folder' }],
  website: [{ name: 'sitemap', needed: true }],
  bucket: [
    { name: 'endpoint', needed: true },
    { name: 'bucket', needed: true },
    { name: 'prefix' },
    { name: 'region' },
  ],
};

/** What it takes besides, and is never shown again. */
export const secretsOf: Record<Kind, string[]> = {
  folder: [],
  mail_folder: [],
  git: [],
  website: [],
  bucket: ['access_key', 'secret_key'],
};

/** Kinds that can say themselves who may read what. */
export const knowReaders: Kind[] = ['folder', 'mail_folder', 'git', 'bucket'];

/** Of everything that was typed, what this kind takes. */
export function taken(names: string[], typed: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = typed[name]?.trim();
    if (value) found[name] = value;
  }
  return found;
}
