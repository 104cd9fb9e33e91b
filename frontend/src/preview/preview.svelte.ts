// The passages of one version: which is lit, which are shown, and which one stands where somebody clicked.
import { api } from '../protocol/api';
import type { PassageRow } from '../protocol/types';
import type { Place } from '../source/segments';

/** So many are drawn, and as many more each time that the end comes near. */
const portion = 100;

export interface Numbered {
  number: number;
  row: PassageRow;
}

export class Preview {
  rows = $state.raw<PassageRow[] | null>(null);
  /** Place of the lit passage in `rows`. */
  lit = $state<number | null>(null);
  words = $state('');
  onlyOff = $state(false);
  #room = $state(portion);

  readonly off = $derived((this.rows ?? []).filter(({ is_silenced }) => is_silenced).length);
  readonly found = $derived.by<Numbered[]>(() => {
    const wanted = this.words.trim().toLocaleLowerCase();
    return (this.rows ?? [])
      .map((row, index) => ({ row, number: index + 1 }))
      .filter(({ row }) => (!this.onlyOff || row.is_silenced) && row.text.toLocaleLowerCase().includes(wanted));
  });
  readonly shown = $derived(this.found.slice(0, this.#room));
  readonly hasMore = $derived(this.found.length > this.#room);
  readonly litRow = $derived(this.lit === null ? null : (this.rows?.[this.lit] ?? null));

  constructor(readonly version: string) {}

  async load(): Promise<void> {
    this.rows = await api.passages(this.version);
  }

  showMore(): void {
    this.#room += portion;
  }

  /** Lights the passage that stands there, or the next one below a heading, and makes sure that it is in the list. */
  pick(place: Place): void {
    const index = (this.rows ?? []).findIndex((row) => stands(row, place));
    if (index < 0) return;
    this.lit = index;
    if (!this.found.some(({ number }) => number === index + 1)) {
      this.words = '';
      this.onlyOff = false;
    }
    this.#room = Math.max(this.#room, index + portion);
  }

  async silence(number: number, isSilenced: boolean): Promise<void> {
    const row = this.rows?.[number - 1];
    if (!row) return;
    await api.silencePassage(this.version, row.start, row.end, isSilenced);
    this.rows = (this.rows ?? []).map((one) => (one === row ? { ...one, is_silenced: isSilenced } : one));
  }
}

function stands(row: PassageRow, place: Place): boolean {
  // Rows are in order: the first one that does not end before it.
  if ('offset' in place) return place.offset < row.end;
  const { page, x, y } = place;
  return row.boxes.some(
    (box) => box.page === page && box.left <= x && x <= box.right && box.top <= y && y <= box.bottom,
  );
}
