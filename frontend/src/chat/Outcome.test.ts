import { expect, it } from 'vitest';
import { show } from '../../tests/mounted';
import Outcome from './Outcome.svelte';
import { newTurnView } from './turnView';

it('whom to ask is told of two collections of the same name', async () => {
  const owners = [
    { collection: 'Policies', names: ['Ann'] },
    { collection: 'Policies', names: ['Bob'] },
  ];
  const turn = newTurnView({ id: 't', parentId: null, question: 'q', createdAt: '', phase: 'refused' });
  await show(Outcome, { turn: { ...turn, owners }, readonly: false });
  expect(document.querySelectorAll('[data-testid=owners]')).toHaveLength(2);
});
