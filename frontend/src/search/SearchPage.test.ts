import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { element, later, settle, show, submit, write } from '../../tests/mounted';
import { api } from '../protocol/api';
import { ApiError } from '../protocol/request';
import type { SearchResult } from '../protocol/types';
import { router } from '../shell/router.svelte';
import SearchPage from './SearchPage.svelte';

const nothing: SearchResult = { passages: [], by_words_alone: false, by_names_alone: [] };

beforeEach(() => {
  vi.spyOn(api, 'scopeChoices').mockResolvedValue({ kinds: [], languages: [], earliest: null, latest: null });
  router.go('/search?q=leave');
});
afterEach(() => router.go('/'));

it('searches for the same words again, as after a failure', async () => {
  const away = new ApiError(0, { code: 'offline', message: '', next_step: '' });
  const search = vi.spyOn(api, 'search').mockRejectedValueOnce(away).mockResolvedValue(nothing);
  await show(SearchPage, {});
  expect(document.querySelector('.problem')).not.toBe(null);
  await submit();
  expect(search).toHaveBeenCalledTimes(2);
  expect(document.querySelector('.problem')).toBe(null);
});

it('searches once for each, and shows what was asked for last', async () => {
  const { answer, give } = later<SearchResult>();
  const search = vi.spyOn(api, 'search').mockReturnValueOnce(answer).mockResolvedValue({ ...nothing, by_words_alone: true });
  await show(SearchPage, {});
  await write(element('#words', HTMLInputElement), 'travel');
  await submit();
  give(nothing);
  await settle();
  expect(search.mock.calls.map(([words]) => words)).toEqual(['leave', 'travel']);
  expect(document.querySelector('[data-testid=by-words]')).not.toBe(null);
});
