// Which documents of a collection are shown, in which order, and which of them are chosen.
import { SvelteSet } from 'svelte/reactivity';
import type { DocumentRow } from '../protocol/types';

export type Column = 'title' | 'state' | 'pages' | 'passages' | 'effective_from' | 'updated_at';

/** "working" means queued, too; "noted" what was read and has something to know of. */
export type StateFilter = '' | 'ready' | 'noted' | 'working' | 'failed';

export const kindOf = ({ filename }: DocumentRow): string => /\.([^.]+)$/.exec(filename)?.[1]?.toLowerCase() ?? '';

/** Not searchable, and nobody works on it. */
export const endedBadly = (state: DocumentRow['state']): boolean =>
  state === 'failed' || state === 'rejected' || state === 'cancelled';

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

  get narrowed(): boolean {
    return Boolean(this.words.trim() || this.state || this.kind || this.language);
  }

  shown(rows: DocumentRow[]): DocumentRow[] {
    const wanted = this.words.trim().toLocaleLowerCase();
    const found = rows.filter(
      (row) =>
        this.#hasState(row) &&
        (!this.kind || kindOf(row) === this.kind) &&
        (!this.language || row.language === this.language) &&
        `${row.title} ${row.filename} ${row.uploaded_by}`.toLocaleLowerCase().includes(wanted),
    );
    const sign = this.descending ? -1 : 1;
    return found.sort((one, other) => sign * this.#compare(one, other) || one.title.localeCompare(other.title));
  }

  /** The other direction where the rows are ordered by it already. */
  orderBy(column: Column): void {
    this.descending = column === this.column && !this.descending;
    this.column = column;
  }

  /** Of the rows that are shown: what is out of sight is not acted on. */
  chosenOf(rows: DocumentRow[]): DocumentRow[] {
    return this.shown(rows).filter(({ id }) => this.chosen.has(id));
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

  #compare(one: DocumentRow, other: DocumentRow): number {
    switch (this.column) {
      case 'state':
        return stateOrder[one.state] - stateOrder[other.state];
      case 'pages':
        return (one.pages ?? 0) - (other.pages ?? 0);
      case 'passages':
        return one.passages - other.passages;
      case 'title':
      case 'effective_from':
      case 'updated_at':
        return one[this.column].localeCompare(other[this.column]);
    }
  }
}
