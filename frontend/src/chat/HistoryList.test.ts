import { afterEach, expect, it } from 'vitest';
import { element, press, show, write } from '../../tests/mounted';
import { sidebar } from '../shell/sidebar.svelte';
import { history } from './history.svelte';
import HistoryList from './HistoryList.svelte';

afterEach(() => {
  history.forget();
  sidebar.drawer = false;
});

const field = (): HTMLInputElement => element('input', HTMLInputElement);

it('Escape in its field empties the field, and stops no answer', async () => {
  await show(HistoryList, {});
  await write(field(), 'leave');
  expect(await press(field(), 'Escape', { isComposing: true }), 'it ends a composition').toBe(false);
  expect(await press(field(), 'Escape')).toBe(true);
  expect(field().value).toBe('');
  expect(await press(field(), 'Escape'), 'once more').toBe(true);
});

it('Escape in its empty field closes the drawer in which it stands', async () => {
  sidebar.drawer = true;
  await show(HistoryList, {});
  expect(await press(field(), 'Escape')).toBe(false);
});
