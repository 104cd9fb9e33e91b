// The list of conversations in the sidebar.
import { monthOf, midnight } from '../i18n/days';
import { i18n } from '../i18n/i18n.svelte';
import { problemText } from '../i18n/problem';
import { api } from '../protocol/api';
import type { ConversationRow } from '../protocol/types';
import { status } from '../ui/status.svelte';
import { undo } from '../ui/undo.svelte';

export type Period = 'pinned' | 'today' | 'yesterday' | 'week' | 'month' | { month: string };

export interface Group {
  period: Period;
  rows: ConversationRow[];
}

function periodOf(at: Date, now: Date): Period {
  if (at >= midnight(now)) return 'today';
  if (at >= midnight(now, -1)) return 'yesterday';
  if (at >= midnight(now, -7)) return 'week';
  return at >= midnight(now, -30) ? 'month' : { month: monthOf(at) };
}

/** Newest first, by calendar days and months of the reader; what is pinned comes first. */
export function groupByDay(rows: ConversationRow[], now: Date): Group[] {
  const groups: Group[] = [];
  for (const row of rows) {
    const period = row.is_pinned && !row.found ? 'pinned' : periodOf(new Date(row.updated_at), now);
    const last = groups.at(-1);
    if (last && JSON.stringify(last.period) === JSON.stringify(period)) last.rows.push(row);
    else groups.push({ period, rows: [row] });
  }
  return groups;
}

class History {
  rows = $state.raw<ConversationRow[]>([]);
  loaded = $state(false);
  words = $state('');
  #asked = 0;
  /** Deleted here, and for some seconds still to be brought back: see ui/undo.svelte.ts. */
  readonly #leaving = new Set<string>();

  async refresh(): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    try {
      const rows = await api.conversations(this.words.trim());
      if (mine === this.#asked) this.rows = rows.filter(({ id }) => !this.#leaving.has(id));
    } catch {
      return; // the connection's banner already says that the server is away
    } finally {
      this.loaded = true;
    }
  }

  async rename(id: string, title: string): Promise<void> {
    this.rows = this.rows.map((row) => (row.id === id ? { ...row, title } : row));
    await api.changeConversation(id, { title });
  }

  async pin(id: string, isPinned: boolean): Promise<void> {
    await api.changeConversation(id, { is_pinned: isPinned });
    await this.refresh();
  }

  /** Out of sight at once; for good when `text` is no longer offered to be taken back. */
  remove(id: string, text: string): void {
    this.#leaving.add(id);
    this.rows = this.rows.filter((row) => row.id !== id);
    const back = (): Promise<void> => {
      this.#leaving.delete(id);
      return this.refresh();
    };
    const settle = (): Promise<void> =>
      api.deleteConversation(id).catch((error: unknown) => {
        status.show(problemText(error, i18n.t));
        return back();
      });
    undo.offer({ text, takeBack: back, settle });
  }

  forget(): void {
    this.rows = [];
    this.loaded = false;
    this.words = '';
  }
}

export const history = new History();
