// Which documents of a collection are shown, in which order, how many of them are drawn, and which are chosen.
import { SvelteSet } from 'svelte/reactivity';
import { i18n } from '../i18n/i18n.svelte';
import type { DocumentRow } from '../protocol/types';

export type Column = 'title' | 'state' | 'pages' | 'passages' | 'effective_from' | 'updated_at';

/** "working" means queued, too; "noted" what was read and has something to know of. */
export type StateFilter = '' | 'ready' | 'noted' | 'working' | 'failed';

export const kindOf = ({ filename }: DocumentRow): string => /\.([^.]+)$/.exec(filename)?.[1]?.toLowerCase() ?? '';

/** Not searchable, and nobody works on it. */
export const endedBadly = (state: DocumentRow['state']): boolean =>
  state === 'failed' || state === 'rejected' || state === 'cancelled';

/** So many are drawn, and as many more each time that the end comes near. */
const portion = 100;

const stateOrder: Record<DocumentRow['state'], number> = {
  rejected: 0,
  failed: 1,
  cancelled: 2,
  working: 3,
  queued: 4,
  ready: 5,
};

export class TableView {
  words = $state('');
  state = $state<StateFilter>('');
  kind = $state('');
  language = $state('');
  column = $state<Column>('title');
  descending = $state(false);
  readonly chosen = new SvelteSet<string>();
  readonly #rows: () => DocumentRow[];

  /** "Page 9" stands before "Page 10". */
  readonly #collator = $derived(new Intl.Collator(i18n.tag, { numeric: true }));
  /** Of all of them, so that a key in the filter orders nothing. */
  readonly #ordered = $derived.by<DocumentRow[]>(() => {
    const titles = this.#collator;
    const compare = this.#comparison(titles);
    const sign = this.descending ? -1 : 1;
    return [...this.#rows()].sort((one, other) => sign * compare(one, other) || titles.compare(one.title, other.title));
  });
  readonly shown = $derived.by<DocumentRow[]>(() => {
    const wanted = this.words.trim().toLocaleLowerCase();
    return this.#ordered.filter(
      (row) =>
        this.#hasState(row) &&
        (!this.kind || kindOf(row) === this.kind) &&
        (!this.language || row.language === this.language) &&
        `${row.title} ${row.filename} ${row.uploaded_by}`.toLocaleLowerCase().includes(wanted),
    );
  });
  /** Of the rows that are shown: what is out of sight is not acted on. */
  readonly chosenRows = $derived(this.shown.filter(({ id }) => this.chosen.has(id)));
  /** How many are drawn of what is asked for: in another order, or narrowed otherwise, it begins anew. */
  #room = $derived({
    asked: [this.words, this.state, this.kind, this.language, this.column, this.descending],
    rows: portion,
  });
  readonly drawn = $derived(this.shown.slice(0, this.#room.rows));
  readonly hasMore = $derived(this.drawn.length < this.shown.length);

  constructor(rows: () => DocumentRow[]) {
    this.#rows = rows;
  }

  get narrowed(): boolean {
    return Boolean(this.words.trim() || this.state || this.kind || this.language);
  }

  drawMore(): void {
    if (this.hasMore) this.#room = { ...this.#room, rows: this.#room.rows + portion };
  }

  /** The other direction where the rows are ordered by it already. */
  orderBy(column: Column): void {
    this.descending = column === this.column && !this.descending;
    this.column = column;
  }

  choose(ids: string[], isChosen: boolean): void {
    for (const id of ids) {
      if (isChosen) this.chosen.add(id);
      else this.chosen.delete(id);
    }
  }

  #hasState({ state, flags }: DocumentRow): boolean {
    if (this.state === 'noted') return flags.length > 0;
    if (this.state === 'working') return state === 'working' || state === 'queued';
    if (this.state === 'failed') return endedBadly(state);
    return !this.state || state === this.state;
  }

  #comparison(titles: Intl.Collator): (one: DocumentRow, other: DocumentRow) => number {
    const { column } = this;
    switch (column) {
      case 'title':
        return (one, other) => titles.compare(one.title, other.title);
      case 'state':
        return (one, other) => stateOrder[one.state] - stateOrder[other.state];
      case 'pages':
        return (one, other) => (one.pages ?? 0) - (other.pages ?? 0);
      case 'passages':
        return (one, other) => one.passages - other.passages;
      case 'effective_from':
      case 'updated_at':
        // Written so that they stand in order by themselves.
        return (one, other) => Number(one[column] > other[column]) - Number(one[column] < other[column]);
    }
  }
}
