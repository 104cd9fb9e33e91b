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

/** What draws the page next: by hand. */
function frames(): (() => void)[] {
  const waiting: (() => void)[] = [];
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => waiting.push(draw));
  return waiting;
}

async function opened(...rows: DocumentRow[]): Promise<void> {
  const [given, opening] = [answers(), documents.open('shelf')];
  given[0]?.(rows);
  await opening;
}

const hear = (document: DocumentRow): void => live.whenLibrary({ type: 'document_changed', document });

afterEach(() => {
  vi.restoreAllMocks();
});

it('makes one change of many that are heard before the page is drawn, the last word on each', async () => {
  const drawing = frames();
  await opened(row('one', 'queued'), row('two', 'queued'), row('three', 'ready'));
  const before = documents.rows;
  hear(row('one', 'working'));
  live.whenLibrary({ type: 'document_removed', document_id: 'two' });
  hear(row('four', 'queued'));
  hear(row('five', 'queued'));
  hear({ ...row('three', 'ready'), collection_id: 'elsewhere' });
  hear(row('one', 'ready'));
  hear(row('two', 'queued'));
  expect([documents.rows, drawing.length]).toEqual([before, 1]);
  drawing.shift()?.();
  expect(states()).toEqual(['five queued', 'four queued', 'one ready', 'two queued']);
  hear(row('four', 'ready'));
  drawing.shift()?.();
  expect(states()).toContain('four ready');
});

it('leaves its list as it is where only other collections change', async () => {
  const drawing = frames();
  await opened(row('one', 'ready'));
  const before = documents.rows;
  hear({ ...row('other', 'ready'), collection_id: 'elsewhere' });
  live.whenLibrary({ type: 'document_removed', document_id: 'another' });
  drawing.shift()?.();
  expect(documents.rows).toBe(before);
});

it('puts nothing that was heard before over what was answered since', async () => {
  const drawing = frames();
  await opened(row('one', 'queued'), row('two', 'queued'));
  hear(row('one', 'working'));
  hear(row('two', 'working'));
  documents.put(row('one', 'cancelled'));
  expect(states()).toEqual(['one cancelled', 'two working']);
  drawing.shift()?.();
  expect(states()).toEqual(['one cancelled', 'two working']);
});

it('keeps what was heard where a reading ends in nothing, and forgets it where another list is open', async () => {
  const drawing = frames();
  await opened(row('one', 'queued'));
  vi.spyOn(api, 'documents').mockRejectedValueOnce(new Error('gone')).mockResolvedValueOnce([]);
  hear(row('one', 'working'));
  live.whenLibraryWatched();
  hear(row('two', 'queued'));
  await Promise.resolve();
  drawing.shift()?.();
  expect(states()).toEqual(['two queued', 'one working']);
  hear(row('three', 'queued'));
  await documents.open('other');
  drawing.shift()?.();
  expect(states()).toEqual([]);
});

it('goes on in a tab that nobody sees', async () => {
  const drawing = frames();
  await opened(row('one', 'queued'));
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  hear(row('one', 'ready'));
  vi.runAllTimers();
  vi.useRealTimers();
  expect([states(), drawing]).toEqual([['one ready'], []]);
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
