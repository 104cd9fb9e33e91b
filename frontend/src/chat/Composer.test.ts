import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { element, later, press, settle, show, write } from '../../tests/mounted';
import { FakeSocket, socket } from '../../tests/socket';
import { live } from '../connection/live.svelte';
import { api } from '../protocol/api';
import type { ConversationDetail, Turn } from '../protocol/types';
import { router } from '../shell/router.svelte';
import { chat } from './chat.svelte';
import Composer from './Composer.svelte';
import { keepDraft, readDraft } from './drafts';
import { everything, wireOfScope } from './scope';

const field = (): HTMLTextAreaElement => element('textarea', HTMLTextAreaElement);

chat.start();
beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.spyOn(api, 'scopeChoices').mockResolvedValue({ kinds: [], languages: [], earliest: null, latest: null });
  live.start();
  socket().open();
});
afterEach(() => {
  chat.forget();
  live.end();
  localStorage.clear();
  router.go('/');
});

it('keeps a question until the conversation in which it is asked has been read', async () => {
  const { answer, give } = later<ConversationDetail>();
  vi.spyOn(api, 'conversation').mockReturnValue(answer);
  const opening = chat.open('conversation', everything);
  await show(Composer, { given: '', empty: false });
  await write(field(), 'and then?');
  await press(field(), 'Enter');
  expect(field().value).toBe('and then?');
  expect(socket().sent.filter(({ type }) => type === 'ask')).toEqual([]);

  const turn = (id: string, parent: string | null): Turn => ({
    ...{ id, parent_id: parent, question: id, created_at: '2025-01-01T00:00:00Z', state: 'done', masked: false },
    ...{ events: [], feedback: null, scope: null },
  });
  const scope = wireOfScope(everything);
  const updated = '2025-01-01T00:00:00Z';
  give({ id: 'conversation', title: '', updated_at: updated, is_temporary: false, scope, turns: [turn('1', null), turn('2', '1')] });
  await opening;
  await settle();
  await press(field(), 'Enter');
  expect(socket().sent).toContainEqual(expect.objectContaining({ type: 'ask', question: 'and then?', parent_turn_id: '2' }));
});

it('keeps what is written when a chat is made temporary, and when it is made an ordinary one again', async () => {
  await show(Composer, { given: '', empty: true });
  await write(field(), 'a long question');
  await chat.open(null, everything, true);
  await settle();
  expect([field().value, readDraft('', null)]).toEqual(['a long question', '']);
  await chat.open(null, everything, false);
  await settle();
  expect([field().value, readDraft('', null)]).toEqual(['a long question', 'a long question']);
});

it('keeps nothing of a temporary chat when its window is closed', async () => {
  router.go('/?temporary=1');
  await chat.open(null, everything, true);
  await show(Composer, { given: '', empty: true });
  await write(field(), 'a secret');
  window.dispatchEvent(new Event('pagehide'));
  await settle();
  expect(readDraft('', null)).toBe('');
});

it('keeps nothing of a temporary chat that is left for another conversation', async () => {
  vi.spyOn(api, 'conversation').mockReturnValue(later<ConversationDetail>().answer);
  await chat.open(null, everything, true);
  await show(Composer, { given: '', empty: true });
  await write(field(), 'a secret');
  void chat.open('another', everything);
  await settle();
  expect([readDraft('', null), readDraft('', 'another'), field().value]).toEqual(['', '', '']);
});

it('a question that an address brings stands before what was written and not sent', async () => {
  keepDraft('', null, 'half a question');
  await show(Composer, { given: 'annual leave', empty: true });
  expect(field().value).toBe('annual leave\nhalf a question');
});

it('what was made of the question of an address is all that a reload brings back', async () => {
  router.go('/?q=annual');
  await show(Composer, { given: 'annual', empty: true });
  await write(field(), 'sick leave');
  expect([location.search, readDraft('', null)]).toEqual(['', 'sick leave']);
});
