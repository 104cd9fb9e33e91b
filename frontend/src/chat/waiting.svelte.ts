// The one question that waits for the end of an answer. It is sent when that answer is there, by a window that shows it: one
// that failed or was stopped keeps it. It outlives a reload as a draft does; of a temporary chat nothing is kept.
import { untrack } from 'svelte';
import { i18n } from '../i18n/i18n.svelte';
import { newIdentifier } from '../protocol/identifier';
import { session } from '../session/session.svelte';
import { status } from '../ui/status.svelte';
import { chat } from './chat.svelte';
import { keepWaiting, readWaiting, type WaitingQuestion } from './drafts';
import { hasAnswered } from './turnView';

class Waiting {
  #waiting = $state.raw<WaitingQuestion | null>(null);
  /** Sent however the answer ends. */
  #isUrgent = $state(false);

  start(): void {
    window.addEventListener('storage', () => this.#read());
    $effect.root(() => {
      const place = $derived(`${this.#person} ${chat.temporary ? 'temporary' : (chat.conversation ?? '')}`);
      $effect(() => {
        if (place) untrack(() => this.#moved());
      });
      const running = $derived(chat.running?.id);
      $effect(() => {
        if (this.#isUrgent && running) untrack(() => chat.stop());
      });
      // The same question asked again, or one that the server has taken by now, is waited for instead.
      $effect(() => {
        if (running) untrack(() => this.#waitFor(running));
      });
      $effect(() => {
        // What is still being loaded may be running.
        if (!this.#waiting || chat.loading || running) return;
        const last = chat.path.at(-1)?.turn;
        const isThere = last?.id === this.#waiting.after && hasAnswered(last);
        if (this.#isUrgent || isThere) untrack(() => this.#send());
      });
    });
  }

  get question(): string {
    return this.#waiting?.question ?? '';
  }

  get isUrgent(): boolean {
    return this.#isUrgent;
  }

  put(question: string): void {
    this.#set({ id: newIdentifier(), question, after: chat.running?.id ?? '' });
    status.say(i18n.t.chat.waiting.waits);
  }

  /** It waits no longer; returns it. */
  take(): string {
    const { question } = this;
    this.#set(null);
    return question;
  }

  /** Stops the answer that it waits for. */
  sendNow(): void {
    this.#isUrgent = true;
  }

  get #person(): string {
    return session.person?.id ?? '';
  }

  #moved(): void {
    const there = chat.temporary ? null : readWaiting(this.#person, chat.conversation);
    // A conversation that has just begun brings it along.
    if (there?.id !== this.#waiting?.id) this.#isUrgent = false;
    this.#waiting = there;
  }

  #read(): void {
    if (!chat.temporary) this.#waiting = readWaiting(this.#person, chat.conversation);
  }

  #waitFor(turn: string): void {
    if (this.#waiting && this.#waiting.after !== turn) this.#keep({ ...this.#waiting, after: turn });
  }

  #set(waiting: WaitingQuestion | null): void {
    this.#isUrgent = false;
    this.#keep(waiting);
  }

  #keep(waiting: WaitingQuestion | null): void {
    this.#waiting = waiting;
    if (!chat.temporary) keepWaiting(this.#person, chat.conversation, waiting);
  }

  #send(): void {
    // Another window may have sent it, or changed it.
    this.#read();
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#set(null);
    chat.ask(waiting.question, { id: waiting.id });
  }
}

export const waiting = new Waiting();
