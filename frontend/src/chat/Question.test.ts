import { beforeEach, expect, it, vi } from 'vitest';
import { button, click, element, press, show, submit, write } from '../../tests/mounted';
import { chat } from './chat.svelte';
import Question from './Question.svelte';
import { newTurnView } from './turnView';

const turn = newTurnView({ id: 't', parentId: null, question: 'old', createdAt: '', phase: 'done' });
const field = (): HTMLTextAreaElement => element('.question textarea', HTMLTextAreaElement);

beforeEach(async () => {
  await show(Question, { turn, readonly: false });
  await click(button('Edit question'));
});

it('Escape that ends a Chinese composition does not end editing', async () => {
  expect(await press(field(), 'Escape', { isComposing: true })).toBe(false);
  expect(field().value).toBe('old');
});

it('whoever edits it no more is where he began', async () => {
  await press(field(), 'Escape');
  expect(document.activeElement).toBe(button('Edit question'));
  await click(button('Edit question'));
  await click(button('Cancel'));
  expect(document.activeElement).toBe(button('Edit question'));
});

it('whoever sends it is where the next question is written', async () => {
  const again = vi.spyOn(chat, 'again').mockReturnValue();
  const composer = document.body.appendChild(document.createElement('textarea'));
  composer.id = 'question';
  await write(field(), 'new');
  await submit();
  expect(again).toHaveBeenCalledExactlyOnceWith(turn, 'new');
  expect(document.activeElement).toBe(composer);
});
