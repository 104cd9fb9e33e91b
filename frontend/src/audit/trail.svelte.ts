// The events of the audit trail that were asked for, and whether the newest of the trail are whole.
import { api, type AuditWish } from '../protocol/api';
import type { AuditChain, AuditEvent } from '../protocol/types';

/** As many as the server gives at once. */
const portion = 50;

export class Trail {
  events = $state.raw<AuditEvent[]>([]);
  chain = $state.raw<AuditChain | null>(null);
  /** There may be older ones. */
  more = $state(false);
  loading = $state(false);
  failed = $state.raw<unknown>(null);

  async ask(wish: AuditWish): Promise<void> {
    this.events = [];
    await this.#load(async () => {
      const [events, chain] = await Promise.all([api.audit(wish, null), api.auditChain()]);
      this.events = events;
      this.chain = chain;
      this.more = events.length === portion;
    });
  }

  async older(wish: AuditWish): Promise<void> {
    await this.#load(async () => {
      const events = await api.audit(wish, this.events.at(-1)?.seq ?? null);
      this.events = [...this.events, ...events];
      this.more = events.length === portion;
    });
  }

  async #load(work: () => Promise<void>): Promise<void> {
    this.loading = true;
    this.failed = null;
    try {
      await work();
    } catch (error) {
      this.failed = error;
      this.more = false;
    } finally {
      this.loading = false;
    }
  }
}

/** What an event speaks of, as pairs of words; what is not said is left out. */
export function factsOf(event: AuditEvent): [string, string][] {
  const named = (value: unknown): string => {
    if (Array.isArray(value)) return value.map(named).join(', ');
    if (typeof value === 'object' && value !== null) return JSON.stringify(value);
    return event.names[String(value)] ?? String(value);
  };
  return Object.entries(event.subject)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => [name.replaceAll('_', ' '), named(value)]);
}
