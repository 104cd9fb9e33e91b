import { beforeEach, expect, it, vi } from 'vitest';
import { settle, show } from '../../tests/mounted';
import Shell from './Shell.svelte';

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
});

it('a part of the page that cannot be loaded is told, with what to do', async () => {
  await show(Shell, {});
  expect(document.querySelector('.lost')).toBe(null);
  window.dispatchEvent(new Event('vite:preloadError'));
  await settle();
  expect(document.querySelector('[role=alert]')?.textContent).toContain('could not be loaded');
  expect(document.querySelector('[role=alert] button')?.textContent).toBe('Reload the page');
});
