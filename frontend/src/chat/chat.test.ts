import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { settle } from '../../tests/mounted';
import { FakeSocket, socket } from '../../tests/socket';
import { live } from '../connection/live.svelte';
import { api } from '../protocol/api';
import type { AskCommand, Session } from '../protocol/types';
import { session } from '../session/session.svelte';
import { chat } from './chat.svelte';
import { keepDraft, readDraft } from './drafts';

const signedIn: Session = {
  person: { id: 'p1', name: 'Ada', email: '', language: 'en', is_administrator: false, is_auditor: false },
  ...{ generating: true, model: null, setup_open: false, single_sign_on: null, takes_passkeys: false },
  ...{ second_factor: null, must_add_factor: false },
};

chat.start();
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
});

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
