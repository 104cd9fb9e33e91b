import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { later, leave, settle, show } from '../../tests/mounted';
import { runOf } from '../../tests/sourceRun';
import { api } from '../protocol/api';
import type { KeptSource } from '../protocol/types';
import SourcesPage from './SourcesPage.svelte';

const moving: KeptSource = {
  ...{ id: 's', collection_id: 'c', collection_name: 'c', kind: 'folder', name: 's', place: {}, has_secrets: false },
  ...{ knows_readers: false, permissions_from: 'collection', keeper: 'Ada', is_own: true, schedule: null },
  ...{ latest: runOf({ state: 'running' }), items: 0, refused: 0, held: 0, held_in: null },
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('asks again while a source is read', async () => {
  const asked = vi.spyOn(api, 'sources').mockResolvedValue([moving]);
  await show(SourcesPage, {});
  await vi.advanceTimersByTimeAsync(1600);
  expect(asked).toHaveBeenCalledTimes(2);
});

it('asks no more when the page was left before the answer came', async () => {
  const { answer, give } = later<KeptSource[]>();
  const asked = vi.spyOn(api, 'sources').mockReturnValueOnce(answer).mockResolvedValue([moving]);
  await show(SourcesPage, {});
  await leave();
  give([moving]);
  await settle();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toHaveBeenCalledOnce();
});

it('cancels a run that is under way, and shows how it stands also where it had ended', async () => {
  const ended: KeptSource = { ...moving, latest: runOf({ state: 'cancelled' }) };
  const asked = vi.spyOn(api, 'sources').mockResolvedValueOnce([moving]).mockResolvedValue([ended]);
  const cancelled = vi.spyOn(api, 'cancelSource').mockRejectedValue(new Error('ended'));
  await show(SourcesPage, {});
  document.querySelector<HTMLButtonElement>('[aria-label="Cancel reading s"]')?.click();
  await settle();
  expect(cancelled).toHaveBeenCalledWith('s');
  expect(asked).toHaveBeenCalledTimes(2);
  expect(document.querySelector('.latest')?.textContent).toContain('cancelled');
  expect(document.querySelector('[role="alert"]')?.textContent).toBeTruthy();
  expect(document.querySelector('[aria-label="Cancel reading s"]')).toBeNull();
});
