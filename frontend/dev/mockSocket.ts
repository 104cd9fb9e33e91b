// The websocket of the stand-in: accepts questions, replays a log event by event, hears Stop, tells of documents.
import type { RawData, WebSocket } from 'ws';
import type { ClientCommand, ServerFrame } from '../src/protocol/types';
import type { MockCompany, MockTurn } from './mockCompany.ts';

const pauseMilliseconds = Number(process.env.KBCHAT_MOCK_PAUSE ?? 60);

export function serveSocket(socket: WebSocket, company: MockCompany): void {
  const send = (frame: ServerFrame): void => socket.send(JSON.stringify(frame));
  const following = new Map<string, ReturnType<typeof setInterval>>();
  const follow = (turn: MockTurn, after: number): void => {
    clearInterval(following.get(turn.id));
    let sent = after;
    const timer = setInterval(() => {
      for (const { number, event } of turn.events.slice(sent)) {
        send({ type: 'turn_event', turn_id: turn.id, number, event });
        sent = number;
      }
      if (turn.events.at(-1)?.event.type === 'turn_finished') clearInterval(timer);
    }, 20);
    following.set(turn.id, timer);
  };
  const tell = (frame: ServerFrame): void => send(frame);
  socket.on('message', (data: RawData) => {
    const command = JSON.parse((data as Buffer).toString('utf8')) as ClientCommand;
    switch (command.type) {
      case 'ask': {
        const { turn, conversation } = company.ask(command, pauseMilliseconds);
        send({
          type: 'accepted',
          client_message_id: command.client_message_id,
          conversation_id: conversation,
          turn_id: turn.id,
        });
        follow(turn, 0);
        return;
      }
      case 'follow': {
        const turn = company.turn(command.turn_id);
        if (turn) follow(turn, command.after);
        return;
      }
      case 'stop':
        company.stop(command.turn_id);
        return;
      case 'unfollow':
        clearInterval(following.get(command.turn_id));
        return;
      case 'watch_library':
        company.watchers.add(tell);
        return;
      case 'unwatch_library':
        company.watchers.delete(tell);
        return;
      case 'ping':
        send({ type: 'pong' });
    }
  });
  socket.on('close', () => {
    company.watchers.delete(tell);
    for (const timer of following.values()) clearInterval(timer);
  });
}
