import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { settle } from '../../tests/mounted';
import { FakeSocket, socket } from '../../tests/socket';
import { live } from '../connection/live.svelte';
import { api } from '../protocol/api';
import type { AskCommand, ServerFrame, Session } from '../protocol/types';
import { session } from '../session/session.svelte';
import { router } from '../shell/router.svelte';
import { chat } from './chat.svelte';
import { keepDraft, readDraft } from './drafts';
import { waiting } from './waiting.svelte';

const signedIn: Session = {
  person: { id: 'p1', name: 'Ada', email: '', language: 'en', is_administrator: false, is_auditor: false },
  ...{ generating: true, model: null, setup_open: false, single_sign_on: null, takes_passkeys: false },
  ...{ second_factor: null, must_add_factor: false },
};

chat.start();
waiting.start();
beforeEach(async () => {
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.spyOn(api, 'conversations').mockResolvedValue([]);
  vi.spyOn(api, 'session').mockResolvedValue(signedIn);
  await session.start();
  socket().open();
});
afterEach(() => {
  chat.forget();
  live.end();
  session.person = null;
  localStorage.clear();
  router.go('/');
});

const accept = (turn: string): void => {
  const message = asked().at(-1)?.client_message_id ?? '';
  socket().give({ type: 'accepted', client_message_id: message, conversation_id: 'c1', turn_id: turn });
};
const finish = (turn: string, number = 1): void =>
  socket().give({
    ...{ type: 'turn_event', turn_id: turn, number },
    event: { type: 'turn_finished', state: 'done', reason: null, follow_ups: [], owners: [], usage: null },
  } as unknown as ServerFrame);

const asked = (): AskCommand[] => socket().sent.filter((command) => command.type === 'ask');

it('what follows a question that the server refused does not follow that one, which the server does not know', () => {
  chat.ask('a question that is far too long');
  const refused = asked()[0]?.client_message_id ?? null;
  const told = { code: 'question_too_long', message: 'It is too long.', next_step: 'Make it shorter.' };
  socket().give({ type: 'refused', client_message_id: refused, turn_id: null, ...told });
  chat.ask('a short one');
  expect(asked()[1]?.parent_turn_id).toBe(null);
});

it('a question that did not arrive before the session ended is a draft again, before what was written behind it', () => {
  socket().readyState = 3;
  chat.ask('a long question');
  keepDraft('p1', null, 'and another one');
  socket().break(4401);
  chat.forget();
  expect(session.expired).toBe(true);
  expect(readDraft('p1', null)).toBe('a long question\nand another one');
});

it('a question of a temporary chat that did not arrive is kept nowhere', async () => {
  await chat.open(null, chat.scope, true);
  socket().readyState = 3;
  chat.ask('a secret');
  socket().break(4401);
  await settle();
  expect(Object.values({ ...localStorage }).join()).not.toContain('a secret');
});

it('whoever has gone to another page by the time his first question is taken stays there', () => {
  chat.ask('how many days?');
  router.go('/glossary');
  accept('t1');
  expect([location.pathname, chat.conversation]).toEqual(['/glossary', 'c1']);
});

it('what another window writes in its empty chat stays there when the first question of this one is taken', () => {
  keepDraft('p1', null, 'of this window');
  chat.ask('how many days?');
  localStorage.setItem('kbchat.draft.p1.new', 'of another window');
  accept('t1');
  expect([readDraft('p1', 'c1'), readDraft('p1', null)]).toEqual(['of this window', 'of another window']);
});

it('a question that waits is sent when the answer that it waits for is there', async () => {
  chat.ask('how many days?');
  waiting.put('and who approves it?');
  accept('t1');
  await settle();
  expect(asked()).toHaveLength(1);
  finish('t1');
  await vi.waitFor(() => expect(asked()).toHaveLength(2));
  expect(asked()[1]).toMatchObject({ question: 'and who approves it?', parent_turn_id: 't1', conversation_id: 'c1' });
});

it('a question that waits in another window for an answer that this one does not know is not sent from here', async () => {
  chat.ask('how many days?');
  accept('t1');
  finish('t1');
  await vi.waitFor(() => expect(chat.running).toBe(null));
  const elsewhere = JSON.stringify({ id: 'q2', question: 'and who approves it?', after: 't2' });
  localStorage.setItem('kbchat.draft.p1.waiting.c1', elsewhere);
  window.dispatchEvent(new StorageEvent('storage'));
  await settle();
  expect([waiting.question, asked().length]).toEqual(['and who approves it?', 1]);
  expect(localStorage.getItem('kbchat.draft.p1.waiting.c1')).toBe(elsewhere);
});
