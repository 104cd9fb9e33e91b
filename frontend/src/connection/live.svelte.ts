// The page's one connection, and whether it stands. Others subscribe by setting the hooks that concern them.
import { Connection, type Frame } from './connection';
import type { NumberedEvent } from '../protocol/types';

export type LibraryFrame = Frame<'document_changed'> | Frame<'document_removed'>;

class Live {
  lost = $state(false);
  /** How often the reader's rights have become less since the page was opened. */
  losses = $state(0);
  whenAccepted: (frame: Frame<'accepted'>) => void = () => undefined;
  whenEvent: (turnId: string, numbered: NumberedEvent) => void = () => undefined;
  whenWaiting: (frame: Frame<'waiting'>) => void = () => undefined;
  whenRefused: (frame: Frame<'refused'>) => void = () => undefined;
  whenLibrary: (frame: LibraryFrame) => void = () => undefined;
  whenLibraryWatched: () => void = () => undefined;
  whenSignedOut: () => void = () => undefined;
  whenBack: () => void = () => undefined;

  readonly connection = new Connection(
    {
      accepted: (frame) => this.whenAccepted(frame),
      event: (turnId, numbered) => this.whenEvent(turnId, numbered),
      waiting: (frame) => this.whenWaiting(frame),
      refused: (frame) => this.whenRefused(frame),
      library: (frame) => this.whenLibrary(frame),
      libraryWatched: () => this.whenLibraryWatched(),
      signedOut: () => this.whenSignedOut(),
      rightsChanged: () => (this.losses += 1),
      state: (stands) => {
        if (stands && this.lost) this.whenBack();
        this.lost = !stands;
      },
    },
    () => new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/v1`),
  );

  start(): void {
    this.connection.start();
    window.addEventListener('online', this.#hurry);
    window.addEventListener('offline', this.#offline);
  }

  end(): void {
    this.connection.end();
    window.removeEventListener('online', this.#hurry);
    window.removeEventListener('offline', this.#offline);
    this.lost = false;
  }

  readonly #hurry = (): void => this.connection.hurry();
  readonly #offline = (): void => this.connection.interrupt();
}

export const live = new Live();
