// The collections this person may read: for the library and for choosing where to search.
import { api } from '../protocol/api';
import type { Collection } from '../protocol/types';

class Collections {
  all = $state.raw<Collection[]>([]);
  loaded = $state(false);
  failed = $state.raw<unknown>(null);
  readonly owns = $derived(this.all.some(({ role }) => role === 'owner'));

  async refresh(): Promise<void> {
    this.failed = null;
    try {
      this.all = await api.collections();
    } catch (error) {
      this.failed = error;
    } finally {
      this.loaded = true;
    }
  }

  find(id: string): Collection | undefined {
    return this.all.find((one) => one.id === id);
  }

  forget(): void {
    this.all = [];
    this.loaded = false;
  }
}

export const collections = new Collections();
