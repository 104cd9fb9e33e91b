import { beforeEach, expect, it, vi } from 'vitest';
import { settle, show } from '../../tests/mounted';
import { api } from '../protocol/api';
import type { DocumentDetail } from '../protocol/types';
import { router } from '../shell/router.svelte';
import ChangesPage from './ChangesPage.svelte';

const detail: DocumentDetail = { id: 'd', title: 't', collection_id: 'c', collection_name: 'c', role: 'reader', versions: [] };

beforeEach(() => router.go('/'));

it('asks for each comparison once, and for the document once', async () => {
  const documents = vi.spyOn(api, 'document').mockResolvedValue(detail);
  const told = { number: 2, other_version_id: 'b', other_number: 1, changes: [], is_cut: false };
  const changes = vi.spyOn(api, 'changes').mockResolvedValue(told);
  await show(ChangesPage, { document: 'd', version: 'a' });
  expect(changes.mock.calls).toEqual([['a', '']]);
  router.setQuery({ to: 'c' });
  await settle();
  expect(changes.mock.calls).toEqual([
    ['a', ''],
    ['a', 'c'],
  ]);
  expect(documents).toHaveBeenCalledOnce();
});
