// Who is signed in. Signing out forgets the drafts; an ended session keeps them.
import { forgetDrafts } from '../chat/drafts';
import { live } from '../connection/live.svelte';
import { i18n } from '../i18n/i18n.svelte';
import { api } from '../protocol/api';
import { whenSignedOut } from '../protocol/request';
import type { Language, Person, Session } from '../protocol/types';

class CurrentSession {
  loaded = $state(false);
  failed = $state.raw<unknown>(null);
  expired = $state(false);
  person = $state.raw<Person | null>(null);
  generating = $state(true);
  model = $state<string | null>(null);
  setupOpen = $state(false);

  async start(): Promise<void> {
    whenSignedOut(() => this.#ended());
    live.whenSignedOut = () => this.#ended();
    this.failed = null;
    try {
      this.#take(await api.session());
    } catch (error) {
      this.failed = error;
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    this.#take(await api.signIn(email, password));
  }

  async setUp(token: string, email: string, name: string, password: string): Promise<void> {
    this.#take(await api.setUp(token, email, name, password));
  }

  async signOut(): Promise<void> {
    if (this.person) forgetDrafts(this.person.id);
    await api.signOut();
    live.end();
    this.person = null;
    this.expired = false;
  }

  /** At once on the page; the account learns of it behind. */
  async useLanguage(language: Language): Promise<void> {
    i18n.use(language);
    if (this.person) {
      this.person = { ...this.person, language };
      await api.setLanguage(language).catch(() => undefined);
    }
  }

  #take(session: Session): void {
    this.person = session.person;
    this.generating = session.generating;
    this.model = session.model;
    this.setupOpen = session.setup_open;
    this.loaded = true;
    if (!session.person) return;
    this.expired = false;
    i18n.use(session.person.language);
    live.start();
  }

  #ended(): void {
    if (!this.person) return;
    live.end();
    this.person = null;
    this.expired = true;
  }
}

export const session = new CurrentSession();
