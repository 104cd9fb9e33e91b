// Who is signed in. Signing out forgets the drafts; an ended session keeps them.
import { forgetDrafts } from '../chat/drafts';
import { live } from '../connection/live.svelte';
import { i18n } from '../i18n/i18n.svelte';
import { problemText } from '../i18n/problem';
import { api } from '../protocol/api';
import { whenSignedOut } from '../protocol/request';
import type { Language, Person, SecondFactorWays, Session } from '../protocol/types';
import { router } from '../shell/router.svelte';
import { status } from '../ui/status.svelte';
import { knowsPasskeys, usePasskey } from './passkeys';
import { undo } from '../ui/undo.svelte';

class CurrentSession {
  /** What has to be done while it is still one's own. */
  whenLeaving: () => Promise<void> = () => Promise.resolve();
  /** What has to be done when it ended by itself, while it is still known whose it was. */
  whenEnded: () => void = () => undefined;
  loaded = $state(false);
  failed = $state.raw<unknown>(null);
  expired = $state(false);
  person = $state.raw<Person | null>(null);
  generating = $state(true);
  model = $state<string | null>(null);
  setupOpen = $state(false);
  /** What the company's identity provider is called; null where there is none. */
  singleSignOn = $state<string | null>(null);
  /** The password was right, and this is still to come. */
  secondFactor = $state.raw<SecondFactorWays | null>(null);
  /** Nothing opens before one was added. */
  mustAddFactor = $state(false);
  #takesPasskeys = $state(false);
  readonly takesPasskeys = $derived(this.#takesPasskeys && knowsPasskeys());

  async start(): Promise<void> {
    whenSignedOut(() => this.#ended());
    live.whenSignedOut = () => this.#ended();
    this.failed = null;
    try {
      await this.#take(await api.session());
    } catch (error) {
      this.failed = error;
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.#take(await api.signIn(email, password));
  }

  async signInWithCode(code: string): Promise<void> {
    await this.#take(await api.signInWithCode(code));
  }

  /** After the password, or instead of it. */
  async signInWithPasskey(): Promise<void> {
    const { options } = await api.passkeyToSignIn();
    await this.#take(await api.signInWithPasskey(await usePasskey(options)));
  }

  /** Another e-mail and password. */
  async beginAgain(): Promise<void> {
    await api.signOut();
    this.secondFactor = null;
  }

  async setUp(token: string, email: string, name: string, password: string): Promise<void> {
    await this.#take(await api.setUp(token, email, name, password));
  }

  /** Leaves the page: the browser comes back, to the same place, from the provider. */
  async goToProvider(): Promise<void> {
    const here = router.route.page === 'signin' ? '/' : location.pathname + location.search;
    const { address } = await api.beginSingleSignOn(here);
    location.assign(address);
  }

  async signOut(): Promise<void> {
    try {
      await this.#leave(api.signOut);
    } catch (error) {
      status.show(problemText(error, i18n.t));
    }
  }

  async signOutEverywhere(): Promise<void> {
    await this.#leave(api.endSessions);
  }

  /** On the page as soon as its messages are there; the account learns of it behind. */
  async useLanguage(language: Language): Promise<void> {
    try {
      await i18n.use(language);
    } catch (error) {
      status.show(problemText(error, i18n.t));
      return;
    }
    if (this.person) {
      this.person = { ...this.person, language };
      await api.setLanguage(language).catch(() => undefined);
    }
  }

  async #leave(end: () => Promise<undefined>): Promise<void> {
    await undo.settle();
    await this.whenLeaving();
    // The connection may tell of the end before the answer does, and then it is nobody's any more.
    const { person } = this;
    await end();
    if (person) forgetDrafts(person.id);
    live.end();
    this.person = null;
    this.expired = false;
  }

  async #take(session: Session): Promise<void> {
    // Before anything shows who is there: no word of his is in another language first.
    if (session.person) await i18n.use(session.person.language);
    this.person = session.person;
    this.generating = session.generating;
    this.model = session.model;
    this.setupOpen = session.setup_open;
    this.singleSignOn = session.single_sign_on;
    this.#takesPasskeys = session.takes_passkeys;
    this.secondFactor = session.second_factor;
    this.mustAddFactor = session.must_add_factor;
    this.loaded = true;
    if (!session.person) return;
    this.expired = false;
    if (!session.must_add_factor) live.start();
  }

  #ended(): void {
    if (!this.person) return;
    this.whenEnded();
    live.end();
    this.person = null;
    this.expired = true;
  }
}

export const session = new CurrentSession();
