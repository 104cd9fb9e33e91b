// What somebody wants to be otherwise in the table of rights, cell by cell, until it is sent or discarded.
import { SvelteMap } from 'svelte/reactivity';
import type { RightsChange, RightsRow, Role } from '../protocol/types';

export const roleIn = (row: RightsRow, collection: string): Role | null =>
  row.cells.find((cell) => cell.collection_id === collection)?.role ?? null;

export class Wishes {
  readonly #of = new SvelteMap<string, RightsChange>();

  get all(): RightsChange[] {
    return [...this.#of.values()];
  }

  /** What is chosen there, or what holds. */
  role(row: RightsRow, collection: string): Role | null {
    const wish = this.#of.get(placeOf(row, collection));
    return wish ? wish.role : roleIn(row, collection);
  }

  differs(row: RightsRow, collection: string): boolean {
    return this.#of.has(placeOf(row, collection));
  }

  /** What holds already is no change. */
  choose(row: RightsRow, collection: string, role: Role | null): void {
    const place = placeOf(row, collection);
    const { id } = row.principal;
    if (role === roleIn(row, collection)) this.#of.delete(place);
    else this.#of.set(place, { collection_id: collection, kind: id === null ? 'everyone' : 'group', id, role });
  }

  clear(): void {
    this.#of.clear();
  }
}

const placeOf = ({ principal }: RightsRow, collection: string): string => `${principal.id ?? ''} ${collection}`;
