// The list of conversations in the sidebar.
import { api } from '../protocol/api';
import type { ConversationRow } from '../protocol/types';

export type Period = 'today' | 'yesterday' | 'week' | 'month' | { month: string };

export interface Group {
  period: Period;
  rows: ConversationRow[];
}

/** Newest first, by calendar day of the reader. */
export function groupByDay(rows: ConversationRow[], now: Date): Group[] {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const day = 86_400_000;
  const groups: Group[] = [];
  for (const row of rows) {
    const at = new Date(row.updated_at).getTime();
    const period: Period =
      at >= midnight
        ? 'today'
        : at >= midnight - day
          ? 'yesterday'
          : at >= midnight - 7 * day
            ? 'week'
            : at >= midnight - 30 * day
              ? 'month'
              : { month: row.updated_at.slice(0, 7) };
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

  async refresh(): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    try {
      const rows = await api.conversations(this.words.trim());
      if (mine === this.#asked) this.rows = rows;
    } catch {
      return; // the connection's banner already says that the server is away
    } finally {
      this.loaded = true;
    }
  }

  async rename(id: string, title: string): Promise<void> {
    this.rows = this.rows.map((row) => (row.id === id ? { ...row, title } : row));
    await api.renameConversation(id, title);
  }

  async remove(id: string): Promise<void> {
    await api.deleteConversation(id);
    this.rows = this.rows.filter((row) => row.id !== id);
  }

  forget(): void {
    this.rows = [];
    this.loaded = false;
    this.words = '';
  }
}

export const history = new History();
