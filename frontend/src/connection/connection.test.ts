import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadLog } from '../../tests/replay';
import { FakeSocket, socket } from '../../tests/socket';
import { everything, wireOfScope } from '../chat/scope';
import type { AskCommand, NumberedEvent, ServerFrame } from '../protocol/types';
import { backoffSeconds } from './backoff';
import { Connection } from './connection';

const ask: AskCommand = {
  type: 'ask',
  client_message_id: 'm1',
  conversation_id: null,
  parent_turn_id: null,
  question: 'How much leave?',
  scope: wireOfScope(everything),
  quotes_only: false,
  is_temporary: false,
};
const accepted: ServerFrame = { type: 'accepted', client_message_id: 'm1', conversation_id: 'c', turn_id: 't' };
const { events } = loadLog('generating-en');

let seen: NumberedEvent[];
let online: boolean[];
let signedOut: number;
let losses: number;
let places: number[];
let refused: (string | null)[];
let connection: Connection;
const deliver = (from: number, to: number): void => {
  for (const { number, event } of events.slice(from, to)) {
    socket().give({ type: 'turn_event', turn_id: 't', number, event });
  }
};

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  seen = [];
  online = [];
  signedOut = 0;
  losses = 0;
  places = [];
  refused = [];
  connection = new Connection(
    {
      accepted: () => undefined,
      event: (_turn, numbered) => seen.push(numbered),
      waiting: (frame) => places.push(frame.place),
      refused: ({ client_message_id }) => refused.push(client_message_id),
      library: () => undefined,
      libraryWatched: () => undefined,
      state: (is) => online.push(is),
      signedOut: () => (signedOut += 1),
      rightsChanged: () => (losses += 1),
    },
    () => new FakeSocket() as unknown as WebSocket,
  );
  connection.start();
  socket().open();
});

afterEach(() => {
  connection.end();
  vi.useRealTimers();
});

describe('an answer over a connection that breaks', () => {
  it.each([1, 7, 20, events.length - 1])('broken after event %i: nothing is missing and nothing comes twice', (cut) => {
    connection.ask(ask);
    socket().give(accepted);
    deliver(0, cut);
    socket().break();
    vi.advanceTimersByTime(20_000);
    socket().open();
    expect(socket().sent).toContainEqual({ type: 'follow', turn_id: 't', after: cut });
    deliver(Math.max(0, cut - 2), events.length);
    expect(seen).toEqual(events);
  });

  it('tells the place of a question that waits', () => {
    connection.ask(ask);
    socket().give(accepted);
    for (const place of [3, 1]) socket().give({ type: 'waiting', turn_id: 't', place });
    expect(places).toEqual([3, 1]);
    deliver(0, events.length);
    expect(seen).toEqual(events);
  });

  it('asks for what is missing when a number is skipped, and drops the early event', () => {
    connection.ask(ask);
    socket().give(accepted);
    deliver(0, 3);
    deliver(5, 6);
    expect(seen).toHaveLength(3);
    expect(socket().sent.at(-1)).toEqual({ type: 'follow', turn_id: 't', after: 3 });
    deliver(3, events.length);
    expect(seen).toEqual(events);
  });

  it('asks again with the same id when the question was not accepted', () => {
    connection.ask(ask);
    socket().break();
    vi.advanceTimersByTime(20_000);
    socket().open();
    expect(socket().sent.filter((command) => command.type === 'ask')).toEqual([ask]);
    socket().give(accepted);
    socket().break();
    vi.advanceTimersByTime(20_000);
    socket().open();
    expect(socket().sent.some((command) => command.type === 'ask')).toBe(false);
  });

  it('is stopped when the connection is back, if Stop was pressed while it was away, and once', () => {
    connection.ask(ask);
    socket().give(accepted);
    const stops = (): number => socket().sent.filter((command) => command.type === 'stop').length;
    socket().break();
    connection.stop('t');
    vi.advanceTimersByTime(20_000);
    socket().open();
    expect(stops()).toBe(1);
    deliver(0, events.length);
    socket().break();
    vi.advanceTimersByTime(20_000);
    socket().open();
    expect(stops(), 'it has ended').toBe(0);
  });

  it('is stopped even if its conversation was left meanwhile', () => {
    connection.ask(ask);
    socket().give(accepted);
    socket().break();
    connection.stop('t');
    connection.unfollow('t');
    vi.advanceTimersByTime(20_000);
    socket().open();
    expect(socket().sent).toContainEqual({ type: 'stop', turn_id: 't' });
  });

  it('does not follow a finished answer again', () => {
    connection.follow('t', 0);
    deliver(0, events.length);
    socket().break();
    vi.advanceTimersByTime(20_000);
    socket().open();
    expect(socket().sent.some((command) => command.type === 'follow')).toBe(false);
  });
});

describe('the connection itself', () => {
  it('says when it is lost and when it is back', () => {
    socket().break();
    vi.advanceTimersByTime(20_000);
    socket().open();
    expect(online).toEqual([true, false, true]);
  });

  it('does not reconnect after being signed out', () => {
    socket().break(4401);
    vi.advanceTimersByTime(60_000);
    expect(signedOut).toBe(1);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('is there again at once when the reader may read less, and says so', () => {
    socket().break(4403);
    expect(losses).toBe(1);
    expect(FakeSocket.all).toHaveLength(2);
    expect(online).toEqual([true]);
  });

  it('reconnects when a ping stays unanswered', () => {
    vi.advanceTimersByTime(25_000 + 10_000 + 1_000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
  });

  it('watches the library again after reconnecting', () => {
    connection.watchLibrary(true);
    socket().break();
    vi.advanceTimersByTime(20_000);
    socket().open();
    expect(socket().sent).toContainEqual({ type: 'watch_library' });
  });
});

it('waits longer each time, up to a ceiling', () => {
  const longest = [0, 1, 2, 3, 10].map((attempt) => backoffSeconds(attempt, () => 1));
  expect(longest).toEqual([0.5, 1, 2, 4, 15]);
  expect(backoffSeconds(10, () => 0)).toBe(7.5);
});

describe('a server that lets in and turns away', () => {
  const tooMany: ServerFrame = {
    type: 'refused',
    code: 'too_many_sockets',
    message: 'kbchat is open in more than 20 windows.',
    next_step: 'Close a few; then reload this one.',
    client_message_id: null,
    turn_id: null,
  };

  it('is asked later and later, until it says something else', () => {
    const attempts = (): number => {
      const before = FakeSocket.all.length;
      for (let second = 0; second < 60; second += 1) {
        vi.advanceTimersByTime(1000);
        if (socket().readyState === 0) {
          socket().open();
          socket().give(tooMany);
          socket().break(1013);
        }
      }
      return FakeSocket.all.length - before;
    };
    socket().give(tooMany);
    socket().break(1013);
    attempts();
    expect(attempts()).toBeLessThan(10);
  });
});

describe('a question that is too large to be read', () => {
  const tooLarge: ServerFrame = {
    ...{ type: 'refused', client_message_id: null, turn_id: null },
    ...{ code: 'frame_too_large', message: '', next_step: '' },
  };
  const long = { ...ask, client_message_id: 'long', question: '为什么？'.repeat(6_000) };
  const wide = { ...ask, question: 'why? '.repeat(6_000) };

  it('has failed, and is not sent again at the next connection', () => {
    connection.ask(wide);
    connection.ask(long);
    socket().give(tooLarge);
    socket().break(1009);
    vi.advanceTimersByTime(60_000);
    socket().open();
    expect(refused).toEqual(['long']);
    expect(socket().sent).toEqual([wide]);
  });

  it('leaves what is no question to whoever it is told to', () => {
    socket().give(tooLarge);
    expect(refused).toEqual([null]);
  });
});
