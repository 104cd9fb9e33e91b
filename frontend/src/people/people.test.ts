import { expect, it, vi } from 'vitest';
import { api } from '../protocol/api';
import type { PersonRow } from '../protocol/types';
import { people } from './people.svelte';

const row = (id: number): PersonRow => ({
  ...{ id: String(id), name: '', email: '', language: 'en', is_active: true, is_administrator: false, is_auditor: false },
  ...{ is_waiting: false, by_directory: false, has_second_factor: false, joined_at: '2025-01-01T00:00:00Z', groups: [] },
});

it('more of them, asked for twice, are listed once', async () => {
  vi.spyOn(api, 'people').mockImplementation((_, start) => Promise.resolve({ people: [row(start), row(start + 1)], total: 9 }));
  await people.find('');
  await Promise.all([people.more(), people.more()]);
  expect(people.rows.map(({ id }) => id)).toEqual(['0', '1', '2', '3']);
});
