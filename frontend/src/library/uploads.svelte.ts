// Files on their way to the server, two at a time. What becomes of a received file is told by its document's row. Without a
// network they wait: a short question to the server finds out when it is back.
import { backoffSeconds } from '../connection/backoff';
import { i18n } from '../i18n/i18n.svelte';
import { problemText } from '../i18n/problem';
import { api } from '../protocol/api';
import { newIdentifier } from '../protocol/identifier';
import { ApiError } from '../protocol/request';
import { type UploadWish, uploadFile } from '../protocol/upload';
import type { DocumentRow, Refusal, UploadOutcome } from '../protocol/types';
import { session } from '../session/session.svelte';
import { documents } from './documents.svelte';

export type UploadState = 'waiting' | 'sending' | 'done' | 'failed';

const atOnce = 2;

const isUnderWay = ({ state }: Upload): boolean => state === 'waiting' || state === 'sending';

/** So often a file is sent again by itself that does not arrive though the server answers. */
const attempts = 3;

const isOffline = (error: unknown): boolean => error instanceof ApiError && error.code === 'offline';

/** A browser says of a file that was changed or moved away since it was chosen what it says of a lost network. */
const canBeRead = (file: File): Promise<boolean> =>
  file.slice(0, 1).arrayBuffer().then(() => true, () => false);

export class Upload {
  state = $state<UploadState>('waiting');
  fraction = $state(0);
  problem = $state('');
  /** Whether sending the same file again may end otherwise. */
  retryMayHelp = $state(false);
  /** It was not taken because a document has these very bytes: whoever wants two of them says so. */
  isKnown = $state(false);
  /** What it became, an archive several documents: their rows tell what comes after. */
  taken = $state.raw<DocumentRow[]>([]);
  /** Of an archive: the files in it that were not taken, and why. */
  refused = $state.raw<Refusal[]>([]);
  /** How often it broke off on its way, since somebody wished it sent. */
  #breaks = 0;

  constructor(
    readonly id: string,
    readonly file: File,
    readonly collection: string,
    readonly wish: UploadWish,
    /** Who sends it: nobody else sees it, or has it sent in his name. */
    readonly person: string | undefined,
  ) {}

  /** To be sent again; also what did not arrive. */
  wait(): void {
    this.state = 'waiting';
    this.problem = '';
  }

  /** Returns whether others may follow: not where the server was not reached. */
  async send(): Promise<boolean> {
    this.state = 'sending';
    this.fraction = 0;
    try {
      const path = `/collections/${this.collection}/documents`;
      const wish = { ...this.wish, onlyNew: !this.isKnown };
      const told = await uploadFile<DocumentRow[] | UploadOutcome>(path, 'files', this.file, wish, (fraction) => {
        this.fraction = fraction;
      });
      const outcome = Array.isArray(told) ? { documents: told, refused: [] } : told;
      this.taken = outcome.documents;
      for (const row of outcome.documents) documents.put(row);
      this.refused = outcome.refused;
      this.isKnown = false;
      this.state = 'done';
    } catch (error) {
      return this.#brokeOff(error);
    }
    return true;
  }

  async #brokeOff(error: unknown): Promise<boolean> {
    const isAway = isOffline(error);
    if (isAway && !(await canBeRead(this.file))) {
      this.#fail(i18n.t.upload.unreadable(this.file.name, 0), false);
      return true;
    }
    this.isKnown ||= error instanceof ApiError && error.code === 'already_there';
    this.#breaks += 1;
    if (isAway && this.#breaks < attempts) this.wait();
    else this.#fail(problemText(error, i18n.t), !(error instanceof ApiError && error.refusesContent));
    return !isAway;
  }

  #fail(problem: string, retryMayHelp: boolean): void {
    this.problem = problem;
    this.retryMayHelp = retryMayHelp;
    this.#breaks = 0;
    this.state = 'failed';
  }
}

class Uploads {
  all = $state.raw<Upload[]>([]);
  /** The server was not reached: nothing is sent before it answers again. */
  isAway = $state(false);
  #looks = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    window.addEventListener('online', () => void this.#look());
    window.addEventListener('beforeunload', (event) => {
      if (this.all.some(isUnderWay)) event.preventDefault();
    });
  }

  add(files: File[], collection: string, wish: UploadWish): void {
    const fresh = files.map((file) => new Upload(newIdentifier(), file, collection, wish, session.person?.id));
    this.all = [...this.all, ...fresh];
    this.goOn();
  }

  retry(failed: Upload[]): void {
    for (const upload of failed) upload.wait();
    this.goOn();
  }

  /** Before it is sent: what became of one that was sent is told by its document. */
  takeOut(upload: Upload): void {
    if (upload.state === 'waiting') this.all = this.all.filter((one) => one !== upload);
  }

  clear(): void {
    this.all = this.all.filter(isUnderWay);
  }

  /** Sends what waits, of whoever is signed in: also what waited until he was again. */
  goOn(): void {
    if (this.isAway) return;
    const sending = this.all.filter((upload) => upload.state === 'sending').length;
    const waiting = this.all.filter(({ state, person }) => state === 'waiting' && person === session.person?.id);
    for (const upload of waiting.slice(0, Math.max(0, atOnce - sending))) void this.#send(upload);
  }

  async #send(upload: Upload): Promise<void> {
    if (await upload.send()) this.#looks = 0;
    else if (!this.isAway) {
      this.isAway = true;
      this.#lookLater();
    }
    this.goOn();
  }

  #lookLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), backoffSeconds(this.#looks) * 1000);
    this.#looks += 1;
  }

  async #look(): Promise<void> {
    if (!this.isAway) return;
    const isThere = await api.session().then(() => true, (error: unknown) => !isOffline(error));
    if (!isThere) {
      this.#lookLater();
      return;
    }
    this.isAway = false;
    this.goOn();
  }
}

export const uploads = new Uploads();
