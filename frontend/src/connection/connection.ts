// The one websocket: reconnects with back-off, asks again what was not accepted (the client id makes that safe), says again
// what is to stop, and follows every running turn after the last number seen, so that no event is missed or applied twice.
import type { AskCommand, ClientCommand, NumberedEvent, ServerFrame } from '../protocol/types';
import { backoffSeconds } from './backoff';
import { Cursors } from './cursor';

const pingSeconds = 25;
const pongSeconds = 10;
const signedOutCode = 4401;
const rightsChangedCode = 4403;
const tooLarge = 'frame_too_large';

export type Frame<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>;

export interface Listener {
  accepted: (frame: Frame<'accepted'>) => void;
  event: (turnId: string, numbered: NumberedEvent) => void;
  waiting: (frame: Frame<'waiting'>) => void;
  refused: (frame: Frame<'refused'>) => void;
  library: (frame: Frame<'document_changed'> | Frame<'document_removed'>) => void;
  /** From here on every change is told. */
  libraryWatched: () => void;
  state: (online: boolean) => void;
  signedOut: () => void;
  /** The reader may read less than before: whatever is shown has to be read anew. */
  rightsChanged: () => void;
}

export class Connection {
  readonly #listener: Listener;
  readonly #open: () => WebSocket;
  readonly #cursors = new Cursors();
  readonly #asks = new Map<string, AskCommand>();
  /** Turns that are to stop, until they are heard to have ended. */
  readonly #stops = new Set<string>();
  #socket: WebSocket | null = null;
  #attempt = 0;
  #watching = false;
  #wanted = false;
  #reconnect: ReturnType<typeof setTimeout> | undefined;
  #ping: ReturnType<typeof setInterval> | undefined;
  #pong: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: Listener, open: () => WebSocket) {
    this.#listener = listener;
    this.#open = open;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#connect();
  }

  /** Closes for good, as after signing out. */
  end(): void {
    this.#wanted = false;
    this.#asks.clear();
    this.#stops.clear();
    for (const [turnId] of this.#cursors.all()) this.#cursors.stop(turnId);
    clearTimeout(this.#reconnect);
    this.#drop();
  }

  /** Tries at once instead of waiting, as when the browser says that it is online again. */
  hurry(): void {
    if (!this.#wanted || this.#socket) return;
    clearTimeout(this.#reconnect);
    this.#connect();
  }

  /** The browser says that the network is gone: no use in waiting for the ping to fail. */
  interrupt(): void {
    if (!this.#socket) return;
    this.#drop();
    this.#later();
  }

  ask(command: AskCommand): void {
    this.#asks.set(command.client_message_id, command);
    this.#send(command);
  }

  stop(turnId: string): void {
    this.#stops.add(turnId);
    this.#send({ type: 'stop', turn_id: turnId });
  }

  follow(turnId: string, after: number): void {
    if (this.#cursors.follows(turnId)) return;
    this.#cursors.start(turnId, after);
    this.#send({ type: 'follow', turn_id: turnId, after });
  }

  unfollow(turnId: string): void {
    if (!this.#cursors.follows(turnId)) return;
    this.#cursors.stop(turnId);
    this.#send({ type: 'unfollow', turn_id: turnId });
  }

  watchLibrary(watching: boolean): void {
    if (this.#watching === watching) return;
    this.#watching = watching;
    this.#send({ type: watching ? 'watch_library' : 'unwatch_library' });
  }

  #connect(): void {
    const socket = this.#open();
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (message) => this.#received(message.data);
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#drop();
      if (event.code === signedOutCode) {
        this.end();
        this.#listener.signedOut();
      } else if (event.code === rightsChangedCode) {
        this.#attempt = 0;
        this.#listener.rightsChanged();
        this.#connect();
      } else this.#later();
    };
  }

  #opened(): void {
    this.#listener.state(true);
    for (const ask of this.#asks.values()) this.#send(ask);
    for (const [turnId, after] of this.#cursors.all()) this.#send({ type: 'follow', turn_id: turnId, after });
    for (const turnId of this.#stops) {
      this.#send({ type: 'stop', turn_id: turnId });
      // Nobody hears of the end of what is not followed.
      if (!this.#cursors.follows(turnId)) this.#stops.delete(turnId);
    }
    if (this.#watching) this.#send({ type: 'watch_library' });
    this.#ping = setInterval(() => {
      this.#send({ type: 'ping' });
      clearTimeout(this.#pong);
      this.#pong = setTimeout(() => {
        this.#drop();
        this.#later();
      }, pongSeconds * 1000);
    }, pingSeconds * 1000);
  }

  #later(): void {
    if (!this.#wanted) return;
    this.#listener.state(false);
    clearTimeout(this.#reconnect);
    this.#reconnect = setTimeout(() => this.#connect(), backoffSeconds(this.#attempt) * 1000);
    this.#attempt += 1;
  }

  #drop(): void {
    clearInterval(this.#ping);
    clearTimeout(this.#pong);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  #send(command: ClientCommand): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(command));
  }

  #received(data: unknown): void {
    if (typeof data !== 'string') return;
    const frame = JSON.parse(data) as ServerFrame;
    // Whoever is let in only to be turned away comes back later and later.
    if (frame.type !== 'refused') this.#attempt = 0;
    switch (frame.type) {
      case 'accepted':
        this.#asks.delete(frame.client_message_id);
        this.#cursors.start(frame.turn_id, 0);
        this.#listener.accepted(frame);
        return;
      case 'waiting':
        this.#listener.waiting(frame);
        return;
      case 'turn_event':
        this.#turnEvent(frame);
        return;
      case 'refused':
        this.#refused(frame);
        return;
      case 'document_changed':
      case 'document_removed':
        this.#listener.library(frame);
        return;
      case 'library_watched':
        this.#listener.libraryWatched();
        return;
      case 'pong':
        clearTimeout(this.#pong);
    }
  }

  #refused(frame: Frame<'refused'>): void {
    const asked = frame.code === tooLarge ? this.#longestAsked() : frame.client_message_id;
    if (asked) this.#asks.delete(asked);
    if (frame.turn_id) {
      this.#cursors.stop(frame.turn_id);
      this.#stops.delete(frame.turn_id);
    }
    this.#listener.refused({ ...frame, client_message_id: asked });
  }

  /** What is too large is not read, so nobody says which it was; sent again, it would end every connection. */
  #longestAsked(): string | null {
    const bytes = ({ question }: AskCommand): number => new TextEncoder().encode(question).length;
    const [longest] = [...this.#asks.values()].sort((one, other) => bytes(other) - bytes(one));
    return longest?.client_message_id ?? null;
  }

  #turnEvent(frame: Frame<'turn_event'>): void {
    const arrival = this.#cursors.arrive(frame.turn_id, frame.number);
    if (arrival === 'repeat') return;
    if (arrival === 'gap') {
      this.#send({ type: 'follow', turn_id: frame.turn_id, after: this.#cursors.after(frame.turn_id) });
      return;
    }
    if (frame.event.type === 'turn_finished') {
      this.#cursors.stop(frame.turn_id);
      this.#stops.delete(frame.turn_id);
    }
    this.#listener.event(frame.turn_id, { number: frame.number, event: frame.event });
  }
}
