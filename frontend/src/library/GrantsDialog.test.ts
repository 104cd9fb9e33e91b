import { expect, it, vi } from 'vitest';
import { element, settle, show, submit } from '../../tests/mounted';
import { i18n } from '../i18n/i18n.svelte';
import { api } from '../protocol/api';
import type { Collection, Group } from '../protocol/types';
import GrantsDialog from './GrantsDialog.svelte';

const choose = async (select: HTMLSelectElement, value: string): Promise<void> => {
  select.value = value;
  select.dispatchEvent(new Event('change', { bubbles: true }));
  await settle();
};

it('offers reading to the next group, whatever the last one was given', async () => {
  await i18n.use('zh-hans');
  vi.spyOn(api, 'grants').mockResolvedValue([]);
  vi.spyOn(api, 'groups').mockResolvedValue([{ id: 'g', name: 'Engineering', members: 1 } as Group]);
  const given = vi.spyOn(api, 'addGrant').mockResolvedValue(undefined as never);
  await show(GrantsDialog, { collection: { id: 'c', name: 'Handbook' } as Collection, onclose: () => undefined });
  const [who, role] = [element('.field select', HTMLSelectElement), element('.field + .field select', HTMLSelectElement)];
  expect(who.options[2]?.textContent).toBe('Engineering（1 位成员）');
  await choose(who, 'g');
  await choose(role, 'owner');
  await submit();
  expect(given).toHaveBeenLastCalledWith('c', 'group', 'g', 'owner');
  expect([who.value, role.value]).toEqual(['', 'reader']);
});
