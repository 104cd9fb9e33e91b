import { expect, it } from 'vitest';
import type { RightsRow } from '../protocol/types';
import { Wishes } from './wishes.svelte';

const staff: RightsRow = {
  principal: { kind: 'group', id: 'g', name: 'Staff' },
  cells: [{ collection_id: 'a', role: 'reader' }],
};
const everyone: RightsRow = { principal: { kind: 'everyone', id: null, name: '' }, cells: [] };

it('a choice is a change until it is what holds', () => {
  const wishes = new Wishes();
  wishes.choose(staff, 'a', 'owner');
  wishes.choose(staff, 'b', 'editor');
  expect([wishes.role(staff, 'a'), wishes.role(staff, 'b'), wishes.role(staff, 'c')]).toEqual(['owner', 'editor', null]);
  wishes.choose(staff, 'a', 'reader');
  expect([wishes.differs(staff, 'a'), wishes.differs(staff, 'b')]).toEqual([false, true]);
  expect(wishes.all).toEqual([{ collection_id: 'b', kind: 'group', id: 'g', role: 'editor' }]);
});

it('a role is taken away, of everyone too, and nothing is left of what is discarded', () => {
  const wishes = new Wishes();
  wishes.choose(staff, 'a', null);
  wishes.choose(everyone, 'a', 'reader');
  expect(wishes.all.map(({ kind, role }) => [kind, role])).toEqual([['group', null], ['everyone', 'reader']]);
  expect(wishes.role(staff, 'a')).toBeNull();
  wishes.clear();
  expect([wishes.all, wishes.role(staff, 'a')]).toEqual([[], 'reader']);
});
