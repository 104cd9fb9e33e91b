import { expect, it, vi } from 'vitest';
import { element, settle, show } from '../../tests/mounted';
import { router } from './router.svelte';
import Sidebar from './Sidebar.svelte';

const link = (): HTMLElement => element('a.new', HTMLElement);

it('by the keyboard it leads to the question field; a tap leaves it alone', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  router.go('/library');
  await show(Sidebar, { inert: false });
  const field = document.body.appendChild(document.createElement('textarea'));
  field.id = 'question';
  const tap = new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1 });
  link().addEventListener('click', (event) => event.detail === 1 && event.preventDefault());
  link().dispatchEvent(tap);
  await settle();
  expect(document.activeElement).not.toBe(field);
  link().dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
  await settle();
  expect([router.path, document.activeElement]).toEqual(['/', field]);
});
