import { afterEach, beforeEach, expect, it } from 'vitest';
import { press, show } from '../../tests/mounted';
import Sidebar from './Sidebar.svelte';
import { sidebar } from './sidebar.svelte';

beforeEach(async () => {
  sidebar.drawer = true;
  await show(Sidebar, { inert: false });
});
afterEach(() => {
  sidebar.drawer = false;
});

it('Escape closes the drawer, and stops no answer', async () => {
  expect(await press(document.body, 'Escape')).toBe(true);
  expect(sidebar.drawer).toBe(false);
});

it('Escape that meant something in the drawer leaves it open', async () => {
  document.body.addEventListener('keydown', (event) => event.preventDefault(), { once: true });
  await press(document.body, 'Escape');
  expect(sidebar.drawer).toBe(true);
});
