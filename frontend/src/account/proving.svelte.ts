// A change that the server lets through only for whoever has just shown who he is: kept until he has.
import { ApiError } from '../protocol/request';
import { api } from '../protocol/api';

export type Change = () => Promise<void> | void;

export class Proving {
  /** What is to be done once he has. */
  waiting = $state.raw<Change | null>(null);

  async before(change: Change): Promise<void> {
    const { is_proved: isProved } = await api.factors();
    if (isProved) await this.#tried(change);
    else this.waiting = change;
  }

  async proved(): Promise<void> {
    const change = this.waiting;
    this.waiting = null;
    await change?.();
  }

  /** The proof may have become too old on the way. */
  async #tried(change: Change): Promise<void> {
    try {
      await change();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'proof_needed') throw error;
      this.waiting = change;
    }
  }
}
