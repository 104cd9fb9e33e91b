// The people as the administrator's page lists them: a search, page by page.
import { api } from '../protocol/api';
import type { PersonRow } from '../protocol/types';

const AT_ONCE = 50;

class People {
  rows = $state.raw<PersonRow[]>([]);
  total = $state(0);
  loaded = $state(false);
  failed = $state.raw<unknown>(null);
  #words = '';

  /** An answer to an earlier search comes too late and is left aside. */
  async find(words: string): Promise<void> {
    this.#words = words;
    await this.#load(words, 0);
  }

  more = (): Promise<void> => this.#load(this.#words, this.rows.length);

  again = (): Promise<void> => this.find(this.#words);

  forget(): void {
    this.rows = [];
    this.loaded = false;
    this.failed = null;
    this.#words = '';
  }

  async #load(words: string, start: number): Promise<void> {
    try {
      const page = await api.people(words, start, AT_ONCE);
      if (words !== this.#words) return;
      // Asked for twice, a page is added once.
      if (start > 0 && start !== this.rows.length) return;
      this.rows = start ? [...this.rows, ...page.people] : page.people;
      this.total = page.total;
      this.failed = null;
    } catch (error) {
      if (words === this.#words) this.failed = error;
    } finally {
      this.loaded = true;
    }
  }
}

export const people = new People();
