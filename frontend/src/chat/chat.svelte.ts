// The open conversation: its turns, the path shown, asking, stopping, branching. Events are applied once a frame.
import { SvelteMap } from 'svelte/reactivity';
import { live } from '../connection/live.svelte';
import type { Frame } from '../connection/connection';
import { i18n } from '../i18n/i18n.svelte';
import { problemText, toldBy } from '../i18n/problem';
import { collections } from '../library/collections.svelte';
import { api } from '../protocol/api';
import { newIdentifier } from '../protocol/identifier';
import type { NumberedEvent } from '../protocol/types';
import { session } from '../session/session.svelte';
import { router } from '../shell/router.svelte';
import { status } from '../ui/status.svelte';
import { keepDraft, readDraft, takeDraftAlong } from './drafts';
import { history } from './history.svelte';
import { applyEvent, viewOfTurn } from './reducer';
import { choiceKey, currentPath } from './tree';
import { type ChosenScope, everything, isEverything, queryOfScope, scopeOfWire, wireOfScope } from './scope';
import { isRunning, newTurnView, type TurnView, usedSources } from './turnView';

interface Asking {
  parentId?: string | null;
  quotesOnly?: boolean;
  id?: string;
}

class Chat {
  conversation = $state<string | null>(null);
  title = $state('');
  loading = $state(false);
  failed = $state.raw<unknown>(null);
  scope = $state.raw<ChosenScope>(everything);
  /** In no history, and erased when it is left. */
  temporary = $state(false);
  /** The turn that a search led to; it is shown in its place and marked. */
  sought = $state<string | null>(null);
  readonly turns = new SvelteMap<string, TurnView>();
  readonly #choices = new SvelteMap<string, string>();
  path = $derived(currentPath(this.turns.values(), this.#choices));
  running = $derived(this.path.find(({ turn }) => isRunning(turn))?.turn ?? null);
  #pending: [string, NumberedEvent][] = [];
  #flushing = false;
  readonly #stopping = new Set<string>();
  readonly #recovered = new Set<string>();
  /** Temporary first questions that were left before they had a conversation. */
  readonly #erasing = new Set<string>();

  start(): void {
    live.whenAccepted = (frame) => this.#accepted(frame);
    live.whenEvent = (turnId, numbered) => this.#queue(turnId, numbered);
    live.whenWaiting = ({ turn_id, place }) => {
      const turn = this.turns.get(turn_id);
      if (turn?.phase === 'queued') this.turns.set(turn_id, { ...turn, place });
    };
    live.whenRefused = (frame) => this.#refused(frame);
    window.addEventListener('pagehide', ({ persisted }) => {
      // Without a connection nothing says that it has arrived; a page that may come back sends it itself.
      if (live.lost && !persisted) this.#keepUnsent();
      void this.endTemporary();
    });
    session.whenLeaving = () => this.endTemporary();
    session.whenEnded = () => this.#keepUnsent();
    live.whenBack = () => {
      status.show(i18n.t.app.reconnected);
      void history.refresh();
      void collections.refresh();
    };
  }

  /** Opens a conversation, or an empty one for null: that may be temporary. */
  async open(id: string | null, scope: ChosenScope, temporary = false): Promise<void> {
    // Whoever looked at another page and comes back finds his temporary chat; it has no address of its own.
    if (temporary && this.temporary) return;
    if (temporary || this.temporary) {
      this.#clear(null, scope);
      this.temporary = temporary;
      if (id === null) return;
    }
    if (id === this.conversation && (id === null || this.turns.size > 0)) {
      if (id === null && this.turns.size > 0) this.#clear(null, scope);
      else if (!isEverything(scope)) this.scope = scope;
      return;
    }
    this.#clear(id, scope);
    if (id === null) return;
    this.loading = true;
    try {
      const found = await api.conversation(id);
      if (this.conversation !== id) return;
      this.title = found.title;
      if (isEverything(scope)) this.scope = scopeOfWire(found.scope);
      for (const turn of found.turns) this.#show(viewOfTurn(turn));
    } catch (error) {
      if (this.conversation === id) this.failed = error;
    } finally {
      if (this.conversation === id) this.loading = false;
    }
  }

  /** `id`: of the message; the same one is asked once. */
  ask(question: string, asking: Asking = {}): void {
    const { parentId = this.#lastTaken(), quotesOnly = false, id = newIdentifier() } = asking;
    const asked = performance.now();
    const createdAt = new Date().toISOString();
    this.turns.set(id, newTurnView({ id, parentId, question, createdAt, phase: 'sending', asked, scope: this.scope }));
    this.choose(parentId, id);
    this.sought = null;
    router.setQuery({ turn: '' });
    live.connection.ask({
      type: 'ask',
      client_message_id: id,
      conversation_id: this.conversation,
      parent_turn_id: parentId,
      question,
      scope: wireOfScope(this.scope),
      quotes_only: quotesOnly,
      is_temporary: this.temporary,
    });
  }

  /** What follows must follow something that the server knows: a question that it refused it does not. */
  #lastTaken(): string | null {
    return this.path.findLast(({ turn }) => turn.problem === null)?.turn.id ?? null;
  }

  /** The same question once more, or an edited one: a sibling of the turn. */
  again(turn: TurnView, question = turn.question): void {
    this.ask(question, { parentId: turn.parentId });
  }

  /** The same question, without the model. */
  withQuotes(turn: TurnView): void {
    this.ask(turn.question, { parentId: turn.parentId, quotesOnly: true });
  }

  /** A question that is still on its way is stopped when it has arrived. */
  stop(): void {
    if (this.running?.phase === 'sending') this.#stopping.add(this.running.id);
    else if (this.running) live.connection.stop(this.running.id);
  }

  /** Whichever line of questions leads to it. */
  seek(id: string): void {
    for (let turn = this.turns.get(id); turn; turn = this.turns.get(turn.parentId ?? '')) {
      this.choose(turn.parentId, turn.id);
    }
    this.sought = id;
  }

  choose(parentId: string | null, id: string): void {
    this.#choices.set(choiceKey(parentId), id);
  }

  setScope(scope: ChosenScope): void {
    this.scope = scope;
    router.setQuery(queryOfScope(scope));
  }

  setFeedback(id: string, feedback: TurnView['feedback']): void {
    const turn = this.turns.get(id);
    if (turn) this.turns.set(id, { ...turn, feedback });
  }

  forget(): void {
    this.#clear(null, everything);
  }

  async endTemporary(): Promise<void> {
    if (!this.temporary) return;
    const erasing = this.#erase();
    this.temporary = false;
    this.#clear(null, everything);
    await erasing;
  }

  /** What the server has not taken is a draft again, where nobody is left to send it. */
  #keepUnsent(): void {
    const person = session.person?.id;
    if (!person || this.temporary) return;
    for (const { turn } of this.path) {
      if (turn.phase !== 'sending') continue;
      const text = [turn.question, readDraft(person, this.conversation)].filter(Boolean).join('\n');
      keepDraft(person, this.conversation, text);
    }
  }

  /** What the server holds of a temporary chat. */
  async #erase(): Promise<void> {
    for (const turn of this.turns.values()) if (turn.phase === 'sending') this.#erasing.add(turn.id);
    const { conversation } = this;
    if (conversation === null) return;
    await api.deleteConversation(conversation).catch((error: unknown) => status.show(problemText(error, i18n.t)));
  }

  #clear(id: string | null, scope: ChosenScope): void {
    if (this.temporary) void this.#erase();
    this.temporary = false;
    for (const turn of this.turns.values()) if (isRunning(turn)) live.connection.unfollow(turn.id);
    this.turns.clear();
    this.sought = null;
    this.#choices.clear();
    this.#pending = [];
    this.conversation = id;
    this.title = '';
    this.scope = scope;
    this.failed = null;
    this.loading = false;
  }

  #show(view: TurnView): void {
    this.turns.set(view.id, view);
    if (isRunning(view)) live.connection.follow(view.id, view.lastNumber);
  }

  #accepted(frame: Frame<'accepted'>): void {
    if (this.#erasing.delete(frame.client_message_id)) {
      live.connection.unfollow(frame.turn_id);
      void api.deleteConversation(frame.conversation_id);
      return;
    }
    const turn = this.turns.get(frame.client_message_id);
    void history.refresh();
    if (!turn) {
      if (!this.turns.has(frame.turn_id)) live.connection.unfollow(frame.turn_id);
      return;
    }
    this.turns.delete(turn.id);
    this.turns.set(frame.turn_id, { ...turn, id: frame.turn_id, phase: 'queued' });
    this.choose(turn.parentId, frame.turn_id);
    if (this.#stopping.delete(turn.id)) live.connection.stop(frame.turn_id);
    if (this.conversation !== null) return;
    if (!this.temporary) takeDraftAlong(session.person?.id ?? '', frame.conversation_id);
    this.conversation = frame.conversation_id;
    // Whoever looks at another page by now stays there.
    const { route } = router;
    const isHere = route.page === 'chat' && route.conversation === null;
    if (isHere && !this.temporary) router.go(`/c/${frame.conversation_id}${location.search}`, true);
  }

  #refused(frame: Frame<'refused'>): void {
    // Of the connection itself: a limit that it reached.
    if (!frame.turn_id && !frame.client_message_id) status.show(toldBy(frame));
    const turn = this.turns.get(frame.client_message_id ?? '');
    if (frame.turn_id && !turn) void this.#recover(frame.turn_id);
    if (!turn) return;
    const problem = { code: frame.code, message: frame.message, next_step: frame.next_step };
    this.turns.set(turn.id, { ...turn, phase: 'failed', reason: frame.code, problem });
    status.say(i18n.t.status.failed);
  }

  /** A turn that could not be followed is read as it is stored; followed once more, and then left as interrupted. */
  async #recover(turnId: string): Promise<void> {
    const { conversation } = this;
    if (!conversation || !this.turns.has(turnId)) return;
    const found = await api.conversation(conversation).catch(() => null);
    const stored = found?.turns.find(({ id }) => id === turnId);
    const known = this.turns.get(turnId);
    if (this.conversation !== conversation || !known) return;
    const view = { ...(stored ? viewOfTurn(stored) : known), key: known.key };
    const again = isRunning(view) && this.#recovered.has(turnId);
    this.#recovered.add(turnId);
    this.#show(again ? { ...view, phase: 'interrupted' } : view);
  }

  #queue(turnId: string, numbered: NumberedEvent): void {
    this.#pending.push([turnId, numbered]);
    if (this.#flushing) return;
    this.#flushing = true;
    // A hidden tab draws no frames, but its answers go on.
    if (document.hidden) setTimeout(() => this.#flush(), 200);
    else requestAnimationFrame(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const changed = new Map<string, TurnView>();
    for (const [turnId, numbered] of this.#pending) {
      const turn = changed.get(turnId) ?? this.turns.get(turnId);
      if (!turn) continue;
      if (numbered.event.type === 'search_started' && numbered.event.round === 1) status.say(i18n.t.status.searching);
      changed.set(turnId, applyEvent(turn, numbered, performance.now()));
    }
    this.#pending = [];
    for (const [turnId, turn] of changed) {
      this.turns.set(turnId, turn);
      if (!isRunning(turn)) this.#finished(turn);
    }
  }

  #finished(turn: TurnView): void {
    const { status: words } = i18n.t;
    if (turn.phase === 'done' || turn.phase === 'truncated') status.say(words.ready(usedSources(turn).length));
    else if (turn.phase === 'stopped') status.say(words.stopped);
    else if (turn.phase === 'refused') status.say(words.refused);
    else status.say(words.failed);
    void history.refresh();
  }
}

export const chat = new Chat();
