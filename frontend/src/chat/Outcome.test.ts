import { expect, it } from 'vitest';
import { show } from '../../tests/mounted';
import { en } from '../i18n/en';
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

it('what nothing supports was taken back, and no mark of it is explained', async () => {
  const range = { start: 0, end: 9 };
  const turn = newTurnView({ id: 't', parentId: null, question: 'q', createdAt: '', phase: 'refused' });
  const verified = [{ range, state: 'unsupported' as const }];
  await show(Outcome, { turn: { ...turn, verified, withdrawn: [{ range, reason: 'unsupported' }] }, readonly: false });
  expect(document.body.textContent).toContain(en.outcome.takenBack);
  expect(document.body.textContent).not.toContain(en.chat.unsupportedNote);
});

it('what stays and is not supported is explained', async () => {
  const turn = newTurnView({ id: 't', parentId: null, question: 'q', createdAt: '', phase: 'done' });
  const verified = [{ range: { start: 0, end: 9 }, state: 'unsupported' as const }];
  await show(Outcome, { turn: { ...turn, verified }, readonly: false });
  expect(document.body.textContent).toContain(en.chat.unsupportedNote);
});
