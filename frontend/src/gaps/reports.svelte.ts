// What this person has reported, by the question: read once, where a refusal wants to know.
import { SvelteMap } from 'svelte/reactivity';
import { api } from '../protocol/api';
import type { GapReport } from '../protocol/types';

class Reports {
  readonly of = new SvelteMap<string, GapReport>();
  #asked = false;

  async load(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    try {
      for (const report of await api.gapReports()) this.of.set(report.turn_id, report);
    } catch {
      // Without an answer, reporting is offered; doing it twice changes nothing.
      this.#asked = false;
    }
  }

  forget(): void {
    this.of.clear();
    this.#asked = false;
  }
}

export const reports = new Reports();
