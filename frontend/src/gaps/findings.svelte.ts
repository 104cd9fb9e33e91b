// What asking again found, of each gap, for as long as the board is open: the server keeps it for nobody.
import { SvelteMap } from 'svelte/reactivity';
import { api } from '../protocol/api';
import type { FoundAgain } from '../protocol/types';

class Findings {
  readonly of = new SvelteMap<string, FoundAgain>();

  async ask(gap: string): Promise<FoundAgain> {
    const found = await api.askGapAgain(gap);
    this.of.set(gap, found);
    return found;
  }
}

export const findings = new Findings();
