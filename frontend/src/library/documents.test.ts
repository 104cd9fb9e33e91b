import { afterEach, expect, it, vi } from 'vitest';
import { live } from '../connection/live.svelte';
import { api } from '../protocol/api';
import type { DocumentRow } from '../protocol/types';
import { documents, isUnderWay } from './documents.svelte';

const row = (id: string, state: DocumentRow['state']): DocumentRow => ({ id, collection_id: 'shelf', state }) as DocumentRow;
const states = (): string[] => documents.rows.map(({ id, state }) => `${id} ${state}`);

function answers(): ((rows: DocumentRow[]) => void)[] {
  const given: ((rows: DocumentRow[]) => void)[] = [];
  vi.spyOn(api, 'documents').mockImplementation(() => new Promise((resolve) => given.push(resolve)));
  vi.spyOn(live.connection, 'watchLibrary').mockReturnValue();
  return given;
}

afterEach(() => {
  vi.restoreAllMocks();
});

it('keeps what was heard while the list was on its way', async () => {
  const [given, opening] = [answers(), documents.open('shelf')];
  live.whenLibrary({ type: 'document_changed', document: row('one', 'ready') });
  live.whenLibrary({ type: 'document_removed', document_id: 'two' });
  given[0]?.([row('one', 'queued'), row('two', 'queued'), row('three', 'queued')]);
  await opening;
  expect(states()).toEqual(['one ready', 'three queued']);
});

it('reads the list again once every change is told, and the later reading counts', async () => {
  const [given, opening] = [answers(), documents.open('shelf')];
  live.whenLibraryWatched();
  given[1]?.([row('one', 'ready')]);
  await vi.waitFor(() => expect(documents.loaded).toBe(true));
  given[0]?.([row('one', 'queued')]);
  await opening;
  expect(states()).toEqual(['one ready']);
});

it('cancels what is under way, and says why where it was too late', async () => {
  const [given, opening] = [answers(), documents.open('shelf')];
  given[0]?.([row('one', 'queued'), row('two', 'working'), row('three', 'ready')]);
  await opening;
  const underWay = documents.rows.filter(isUnderWay);
  expect(underWay.map(({ id }) => id)).toEqual(['one', 'two']);
  const ended = new Error('run_ended');
  vi.spyOn(api, 'cancelDocument').mockImplementation((id) =>
    id === 'two' ? Promise.reject(ended) : Promise.resolve(row(id, 'cancelled')),
  );
  const { done, problem } = await documents.cancel(underWay);
  expect(done.map(({ id }) => id)).toEqual(['one']);
  expect(problem).toBe(ended);
  expect(states()).toEqual(['one cancelled', 'two working', 'three ready']);
});

it('cancels everything of the collection that is open', async () => {
  const [given, opening] = [answers(), documents.open('shelf')];
  given[0]?.([]);
  await opening;
  const all = vi.spyOn(api, 'cancelCollection').mockResolvedValue({ files: 3 });
  expect(await documents.cancelEverything()).toBe(3);
  expect(all).toHaveBeenCalledWith('shelf');
});
