// Which passage the source panel shows, and the ones before and after it. On a phone it covers the page, and Back closes it.
import { router } from '../shell/router.svelte';
import { media } from '../ui/media.svelte';

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
  #covers = false;

  constructor() {
    window.addEventListener('popstate', () => {
      if (this.#covers && !router.isCovered) this.#shut();
    });
  }

  open(list: PassageTarget[], index: number, opener: HTMLElement | null): void {
    this.list = list;
    this.index = index;
    this.#opener = opener;
    if (!media.narrow) return;
    this.#covers = true;
    router.cover();
  }

  step(by: number): void {
    this.index = Math.max(0, Math.min(this.list.length - 1, this.index + by));
  }

  close(): void {
    if (!this.target) return;
    const covered = this.#covers;
    this.#shut();
    if (covered) router.uncover();
  }

  forget(): void {
    this.list = [];
    this.#opener = null;
    this.#covers = false;
  }

  #shut(): void {
    const opener = this.#opener;
    this.forget();
    this.index = 0;
    opener?.focus({ preventScroll: true });
  }
}

export const panel = new SourcePanel();
