// The documents of the open collection, kept current by the websocket.
import { type LibraryFrame, live } from '../connection/live.svelte';
import { api } from '../protocol/api';
import type { DocumentRow } from '../protocol/types';
import { collections } from './collections.svelte';

/** What a row's menu offers. */
export type DocumentAction = 'versions' | 'replace' | 'days' | 'move' | 'sections' | 'encoding' | 'explain' | 'confirm' | 'hold' | 'delete';

/** Whether a person can say in which encoding its text is: other files say it themselves. */
export function hasEncoding(row: DocumentRow): boolean {
  return row.state === 'ready' ? row.media_type.startsWith('text/') : row.problem?.code === 'encoding_unsure';
}

/** Whether its newest file waits or is read: what can be cancelled. */
export const isUnderWay = ({ state }: DocumentRow): boolean => state === 'queued' || state === 'working';

/** What can be done with several documents at once. */
export type BulkAction = 'move' | 'days' | 'cancel' | 'retry' | 'delete';

/** Other days of documents; what is not told stays as it is. `expires_on` null: never. */
export type ChangedDays = Partial<Pick<DocumentRow, 'effective_from' | 'expires_on'>>;

export interface BulkOutcome {
  done: DocumentRow[];
  /** Why not, of the first that was refused. */
  problem: Error | null;
}

/** The last word on documents, by their ids; null: it is gone. */
type Words = Map<string, DocumentRow | null>;

const atOnce = 4;

/** Each row on its own, so that one that is refused stops no other. */
async function forEach(rows: DocumentRow[], act: (row: DocumentRow) => Promise<void>): Promise<BulkOutcome> {
  const waiting = [...rows];
  const outcome: BulkOutcome = { done: [], problem: null };
  async function work(): Promise<void> {
    for (let row = waiting.shift(); row; row = waiting.shift()) {
      try {
        await act(row);
        outcome.done.push(row);
      } catch (error) {
        outcome.problem ??= error instanceof Error ? error : new Error(String(error));
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcome;
}

/** What is listed is changed in its place or gone, what is new stands in front; the same rows where none of it is theirs. */
function withWords(rows: DocumentRow[], words: Words, collection: string | null): DocumentRow[] {
  const isHere = (word: DocumentRow | null | undefined): word is DocumentRow => word?.collection_id === collection;
  const left = new Map(words);
  const kept: DocumentRow[] = [];
  for (const row of rows) {
    const word = left.get(row.id);
    if (word === undefined) kept.push(row);
    else if (isHere(word)) kept.push(word);
    left.delete(row.id);
  }
  const fresh = [...left.values()].filter(isHere).reverse();
  return left.size === words.size && fresh.length === 0 ? rows : [...fresh, ...kept];
}

class Documents {
  collection = $state<string | null>(null);
  rows = $state.raw<DocumentRow[]>([]);
  loaded = $state(false);
  failed = $state.raw<unknown>(null);
  readonly #byId = $derived(new Map(this.rows.map((row) => [row.id, row])));
  #readings = 0;
  /** Heard since the reading under way began. */
  #heard: Words | null = null;
  /** Heard, and not in `rows` yet. */
  readonly #waiting: Words = new Map();
  #showing = false;

  async open(collection: string): Promise<void> {
    this.collection = collection;
    this.rows = [];
    this.loaded = false;
    this.failed = null;
    live.whenLibrary = (frame) => this.#hear(frame);
    // What changed between the first reading and the watch was told to nobody.
    live.whenLibraryWatched = () => void this.#read(collection);
    live.connection.watchLibrary(true);
    await this.#read(collection);
  }

  /** What is heard meanwhile is newer than what comes; of two readings the later counts. */
  async #read(collection: string): Promise<void> {
    const reading = ++this.#readings;
    const isLatest = (): boolean => this.collection === collection && this.#readings === reading;
    const heard: Words = new Map();
    this.#heard = heard;
    try {
      const rows = await api.documents(collection);
      if (!isLatest()) return;
      this.#waiting.clear();
      this.rows = withWords(rows, heard, collection);
      this.failed = null;
    } catch (error) {
      if (isLatest() && !this.loaded) this.failed = error;
    } finally {
      if (isLatest()) {
        this.loaded = true;
        this.#heard = null;
      }
    }
  }

  /** Leaves `collection`, unless another was opened since. */
  close(collection: string): void {
    if (this.collection !== collection) return;
    this.collection = null;
    live.connection.watchLibrary(false);
    live.whenLibrary = live.whenLibraryWatched = () => undefined;
    void collections.refresh();
  }

  find(id: string): DocumentRow | undefined {
    return this.#byId.get(id);
  }

  put(row: DocumentRow): void {
    this.#apply(row.id, row);
  }

  retry(rows: DocumentRow[]): Promise<BulkOutcome> {
    return forEach(rows, async ({ id }) => this.put(await api.retryDocument(id)));
  }

  cancel(rows: DocumentRow[]): Promise<BulkOutcome> {
    return forEach(rows, async ({ id }) => this.put(await api.cancelDocument(id)));
  }

  /** Whatever is under way here, also what is not listed yet. Returns of how many files; their rows are told. */
  async cancelEverything(): Promise<number> {
    return this.collection === null ? 0 : (await api.cancelCollection(this.collection)).files;
  }

  move(rows: DocumentRow[], collection: string): Promise<BulkOutcome> {
    return forEach(rows, async ({ id }) => this.put(await api.moveDocument(id, collection)));
  }

  /** Each to where its row says that it was. */
  moveBack(rows: DocumentRow[]): Promise<BulkOutcome> {
    return forEach(rows, async (row) => this.put(await api.moveDocument(row.id, row.collection_id)));
  }

  setDays(rows: DocumentRow[], days: ChangedDays): Promise<BulkOutcome> {
    return forEach(rows, async (row) => {
      const { effective_from, expires_on } = { ...row, ...days };
      this.put(await api.setDays(row.version_id, effective_from, expires_on));
    });
  }

  remove(rows: DocumentRow[]): Promise<BulkOutcome> {
    return forEach(rows, async ({ id }) => {
      await api.deleteDocument(id);
      this.#apply(id, null);
    });
  }

  async restore(id: string): Promise<void> {
    this.put(await api.restoreDocument(id));
  }

  restoreAll(rows: DocumentRow[]): Promise<BulkOutcome> {
    return forEach(rows, ({ id }) => this.restore(id));
  }

  /** Many frames of the connection make one change of the page. */
  #hear(frame: LibraryFrame): void {
    const [id, word] = frame.type === 'document_changed' ? [frame.document.id, frame.document] : [frame.document_id, null];
    this.#heard?.set(id, word);
    this.#waiting.set(id, word);
    if (this.#showing) return;
    this.#showing = true;
    const show = (): void => {
      this.#showing = false;
      this.#show();
    };
    // A hidden tab draws nothing, but its uploads go on.
    if (document.hidden) setTimeout(show, 200);
    else requestAnimationFrame(show);
  }

  /** At once, with what was heard before it and does not stand there yet. */
  #apply(id: string, word: DocumentRow | null): void {
    this.#waiting.set(id, word);
    this.#show();
  }

  #show(): void {
    this.rows = withWords(this.rows, this.#waiting, this.collection);
    this.#waiting.clear();
  }
}

export const documents = new Documents();
