// Which passage the source panel shows, and the ones before and after it.
export interface PassageTarget {
  /** The citation's or result's number, where it has one. */
  number: number | null;
  documentId: string;
  versionId: string;
  title: string;
  start: number;
  end: number;
  page: number | null;
  quote: string;
}

export function addressOf(target: Pick<PassageTarget, 'documentId' | 'versionId' | 'start' | 'end'>): string {
  return `/d/${target.documentId}/${target.versionId}?start=${target.start}&end=${target.end}`;
}

class SourcePanel {
  list = $state.raw<PassageTarget[]>([]);
  index = $state(0);
  target = $derived<PassageTarget | null>(this.list[this.index] ?? null);
  #opener: HTMLElement | null = null;

  open(list: PassageTarget[], index: number, opener: HTMLElement | null): void {
    this.list = list;
    this.index = index;
    this.#opener = opener;
  }

  step(by: number): void {
    this.index = Math.max(0, Math.min(this.list.length - 1, this.index + by));
  }

  close(): void {
    this.list = [];
    this.index = 0;
    this.#opener?.focus({ preventScroll: true });
    this.#opener = null;
  }

  forget(): void {
    this.list = [];
    this.#opener = null;
  }
}

export const panel = new SourcePanel();
