import { expect, it, vi } from 'vitest';
import { button, click, element, later, show, write } from '../../tests/mounted';
import { api } from '../protocol/api';
import type { NewApiKey } from '../protocol/types';
import NewApiKeyForm from './NewApiKeyForm.svelte';

it('pressed twice, one key is made', async () => {
  const made = vi.spyOn(api, 'createApiKey').mockReturnValue(later<NewApiKey>().answer);
  await show(NewApiKeyForm, { onmade: () => Promise.resolve() });
  await write(element('input', HTMLInputElement), 'nightly');
  await click(element('input[type=checkbox]', HTMLInputElement));
  await click(button('Make key'));
  await click(button('Make key'));
  expect(made).toHaveBeenCalledOnce();
});
