// The events of the audit trail that were asked for, and whether the newest of the trail are whole.
import { i18n } from '../i18n/i18n.svelte';
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
  #asked = 0;

  async ask(wish: AuditWish): Promise<void> {
    this.events = [];
    await this.#load(async (isLatest) => {
      const [events, chain] = await Promise.all([api.audit(wish, null), api.auditChain()]);
      if (!isLatest()) return;
      this.events = events;
      this.chain = chain;
      this.more = events.length === portion;
    });
  }

  async older(wish: AuditWish): Promise<void> {
    await this.#load(async (isLatest) => {
      const events = await api.audit(wish, this.events.at(-1)?.seq ?? null);
      if (!isLatest()) return;
      this.events = [...this.events, ...events];
      this.more = events.length === portion;
    });
  }

  /** What was asked for later counts. */
  async #load(work: (isLatest: () => boolean) => Promise<void>): Promise<void> {
    const mine = ++this.#asked;
    const isLatest = (): boolean => mine === this.#asked;
    this.loading = true;
    this.failed = null;
    try {
      await work(isLatest);
    } catch (error) {
      if (!isLatest()) return;
      this.failed = error;
      this.more = false;
    } finally {
      if (isLatest()) this.loading = false;
    }
  }
}

export interface Fact {
  name: string;
  value: string;
  /** Where the fact is a list of things that have parts: each of them. */
  parts: string[];
}

/** The trail keeps no words: a time is the seconds since 1970. */
const times = new Set(['since', 'until']);

/** What an event speaks of; what is not said is left out. */
export function factsOf(event: AuditEvent): Fact[] {
  const named = (value: unknown): string => event.names[String(value)] ?? String(value);
  const partsOf = (thing: object): string =>
    Object.entries(thing)
      .map(([name, value]) => `${name} ${named(value)}`)
      .join(' · ');
  return Object.entries(event.subject)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => {
      if (times.has(name) && typeof value === 'number')
        return { name, value: i18n.time(new Date(1000 * value).toISOString()), parts: [] };
      const things: unknown[] = Array.isArray(value) ? value : [value];
      const parts = things.filter((thing) => typeof thing === 'object' && thing !== null).map(partsOf);
      return { name, value: parts.length > 0 ? String(parts.length) : things.map(named).join(', '), parts };
    });
}
