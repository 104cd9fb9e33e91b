// What was just done and can be taken back, for some seconds. What the server cannot take back is done by `settle` when
// the time is over, so that nothing is gone for good while Undo is offered.
import { status } from './status.svelte';

export interface Undoable {
  text: string;
  takeBack: () => void | Promise<void>;
  settle?: () => void | Promise<void>;
}

const seconds = 10;

class Undo {
  offered = $state.raw<Undoable | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    // Whoever leaves the page has not taken it back.
    window.addEventListener('pagehide', () => void this.settle());
  }

  offer(undoable: Undoable): void {
    void this.settle();
    this.offered = undoable;
    status.say(undoable.text);
    this.resume();
  }

  /** While somebody is about to press the button. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  resume(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.settle(), seconds * 1000);
  }

  async takeBack(): Promise<void> {
    await this.#take()?.takeBack();
  }

  async settle(): Promise<void> {
    await this.#take()?.settle?.();
  }

  #take(): Undoable | null {
    clearTimeout(this.#timer);
    const { offered } = this;
    this.offered = null;
    return offered;
  }
}

export const undo = new Undo();
