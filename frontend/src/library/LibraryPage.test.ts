import { afterEach, expect, it, vi } from 'vitest';
import { later, settle, show } from '../../tests/mounted';
import { i18n } from '../i18n/i18n.svelte';
import { api } from '../protocol/api';
import type { Collection } from '../protocol/types';
import { collections } from './collections.svelte';
import LibraryPage from './LibraryPage.svelte';

const handbook: Collection = { id: 'c1', name: 'Handbook', description: '', role: 'reader', documents: 3, languages: [] } as never;

afterEach(() => collections.forget());

it('lists a collection that somebody was let into since the page was loaded', async () => {
  vi.spyOn(api, 'collections').mockResolvedValueOnce([]).mockResolvedValue([handbook]);
  await collections.refresh();
  await show(LibraryPage, { collection: null });
  expect(document.body.textContent).toContain('Handbook');
});

it('says of no collection that it is not there before it has asked', async () => {
  vi.spyOn(api, 'collections').mockResolvedValueOnce([]);
  await collections.refresh();
  const { answer, give } = later<Collection[]>();
  vi.spyOn(api, 'collections').mockReturnValue(answer);
  await show(LibraryPage, { collection: 'c2' });
  expect(document.body.textContent).not.toContain(i18n.t.errors.notFound);
  give([]);
  await settle();
  expect(document.body.textContent).toContain(i18n.t.errors.notFound);
});
