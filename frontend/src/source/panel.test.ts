import { afterEach, beforeEach, expect, it } from 'vitest';
import { router } from '../shell/router.svelte';
import { media } from '../ui/media.svelte';
import { panel, type PassageTarget } from './panel.svelte';

const target = (number: number): PassageTarget => ({ number, documentId: 'd', versionId: 'v' }) as PassageTarget;
const back = (): Promise<unknown> => new Promise((resolve) => window.addEventListener('popstate', resolve, { once: true }));

router.start();
beforeEach(() => {
  router.go('/c/1');
  media.narrow = true;
});
afterEach(() => {
  panel.forget();
  media.narrow = false;
});

it('on a phone Back closes the sheet, and the conversation stays', async () => {
  panel.open([target(1)], 0, null);
  const gone = back();
  history.back();
  await gone;
  expect([panel.target, location.pathname, router.isCovered]).toEqual([null, '/c/1', false]);
});

it('closed by its button, even twice, it leaves no entry behind', async () => {
  panel.open([target(1)], 0, null);
  panel.open([target(2)], 0, null);
  const gone = back();
  panel.close();
  panel.close();
  await gone;
  expect([panel.target, location.pathname, router.isCovered]).toEqual([null, '/c/1', false]);
});

it('a link in the sheet takes the place of the sheet', async () => {
  panel.open([target(1)], 0, null);
  router.go('/d/d/v');
  expect(router.isCovered).toBe(false);
  const gone = back();
  history.back();
  await gone;
  expect(router.path).toBe('/c/1');
});

it('on a wide window it has no entry', () => {
  media.narrow = false;
  panel.open([target(1)], 0, null);
  expect(router.isCovered).toBe(false);
  panel.close();
  expect([panel.target, location.pathname]).toEqual([null, '/c/1']);
});
