// The run that this window carries on: a few seconds of asking for each request, until nothing remains or somebody pauses.
import { api } from '../protocol/api';

class Running {
  /** The run that is under way; null: none. */
  id = $state<string | null>(null);
  remaining = $state(0);
  total = $state(0);
  #paused = false;

  /** `id` null: a new run, of `generation` where one is named. Gives the id of a finished run, null where it was paused. */
  async carryOn(id: string | null, generation?: number): Promise<string | null> {
    this.#paused = false;
    try {
      const begun = id === null ? await api.startGoldenRun(generation) : await this.#step(id);
      this.id = begun.id;
      this.total = this.remaining = begun.remaining;
      while (this.remaining > 0 && !this.#isPaused()) this.remaining = (await this.#step(begun.id)).remaining;
      return this.remaining > 0 ? null : begun.id;
    } finally {
      this.id = null;
    }
  }

  pause(): void {
    this.#paused = true;
  }

  #isPaused(): boolean {
    return this.#paused;
  }

  #step(id: string): ReturnType<typeof api.continueGoldenRun> {
    return api.continueGoldenRun(id);
  }
}

export const running = new Running();
