// Exactly-once reading of numbered turn events over a connection that may break, repeat and reorder.
// Plain bookkeeping: it sends nothing itself.

export type Arrival = 'next' | 'repeat' | 'gap';

export class Cursors {
  readonly #last = new Map<string, number>();

  start(turnId: string, after: number): void {
    this.#last.set(turnId, Math.max(after, this.#last.get(turnId) ?? 0));
  }

  stop(turnId: string): void {
    this.#last.delete(turnId);
  }

  follows(turnId: string): boolean {
    return this.#last.has(turnId);
  }

  /** Says what an event with this number is; moves on only for the next one. */
  arrive(turnId: string, number: number): Arrival {
    const last = this.#last.get(turnId);
    if (last === undefined || number <= last) return 'repeat';
    if (number > last + 1) return 'gap';
    this.#last.set(turnId, number);
    return 'next';
  }

  after(turnId: string): number {
    return this.#last.get(turnId) ?? 0;
  }

  all(): [turnId: string, after: number][] {
    return [...this.#last];
  }
}
