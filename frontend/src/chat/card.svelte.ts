// The one citation card: which citation, beside which button. Opens on hover after a moment, on focus and tap at once.
import type { TurnView } from './turnView';

export interface CardSubject {
  turn: TurnView;
  citation: number;
  anchor: HTMLElement;
}

const openAfter = 180;
const closeAfter = 220;

class Card {
  subject = $state.raw<CardSubject | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(subject: CardSubject): void {
    clearTimeout(this.#timer);
    this.subject = subject;
  }

  showSoon(subject: CardSubject): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.subject = subject), this.subject ? 0 : openAfter);
  }

  keep(): void {
    clearTimeout(this.#timer);
  }

  closeSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.subject = null), closeAfter);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.subject = null;
  }
}

export const card = new Card();
