// Who is signed in. Signing out forgets the drafts; an ended session keeps them.
import { forgetDrafts } from '../chat/drafts';
import { live } from '../connection/live.svelte';
import { i18n } from '../i18n/i18n.svelte';
import { api } from '../protocol/api';
import { whenSignedOut } from '../protocol/request';
import type { Language, Person, Session } from '../protocol/types';
import { router } from '../shell/router.svelte';

class CurrentSession {
  loaded = $state(false);
  failed = $state.raw<unknown>(null);
  expired = $state(false);
  person = $state.raw<Person | null>(null);
  generating = $state(true);
  model = $state<string | null>(null);
  setupOpen = $state(false);
  /** What the company's identity provider is called; null where there is none. */
  singleSignOn = $state<string | null>(null);

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

  /** Leaves the page: the browser comes back, to the same place, from the provider. */
  async goToProvider(): Promise<void> {
    const here = router.route.page === 'signin' ? '/' : location.pathname + location.search;
    const { address } = await api.beginSingleSignOn(here);
    location.assign(address);
  }

  async signOut(): Promise<void> {
    await this.#leave(api.signOut);
  }

  async signOutEverywhere(): Promise<void> {
    await this.#leave(api.endSessions);
  }

  /** At once on the page; the account learns of it behind. */
  async useLanguage(language: Language): Promise<void> {
    i18n.use(language);
    if (this.person) {
      this.person = { ...this.person, language };
      await api.setLanguage(language).catch(() => undefined);
    }
  }

  async #leave(end: () => Promise<undefined>): Promise<void> {
    if (this.person) forgetDrafts(this.person.id);
    await end();
    live.end();
    this.person = null;
    this.expired = false;
  }

  #take(session: Session): void {
    this.person = session.person;
    this.generating = session.generating;
    this.model = session.model;
    this.setupOpen = session.setup_open;
    this.singleSignOn = session.single_sign_on;
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
