import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeSocket } from '../../tests/socket';
import { keepDraft, readDraft } from '../chat/drafts';
import { live } from '../connection/live.svelte';
import { i18n } from '../i18n/i18n.svelte';
import { api } from '../protocol/api';
import { status } from '../ui/status.svelte';
import { session } from './session.svelte';

beforeEach(async () => {
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.spyOn(api, 'session').mockResolvedValue({
    person: { id: 'p1', name: 'Ada', email: '', language: 'en', is_administrator: false, is_auditor: false },
    ...{ generating: true, model: null, setup_open: false, single_sign_on: null, takes_passkeys: false },
    ...{ second_factor: null, must_add_factor: false },
  });
  await session.start();
  keepDraft('p1', 'conversation', 'half a question');
});
afterEach(() => {
  live.end();
  localStorage.clear();
});

it('signing out without a network says so, and leaves everything as it is', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  await session.signOut();
  expect(status.shown).toBe(i18n.t.errors.offline);
  expect([session.person?.id, readDraft('p1', 'conversation')]).toEqual(['p1', 'half a question']);
});

it('signing out forgets the drafts, also where the connection tells of the end before the answer does', async () => {
  vi.spyOn(api, 'signOut').mockImplementation(() => {
    live.whenSignedOut();
    return Promise.resolve(undefined);
  });
  await session.signOut();
  expect([session.person, session.expired, readDraft('p1', 'conversation')]).toEqual([null, false, '']);
});
