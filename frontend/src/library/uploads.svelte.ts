// Files on their way to the server, two at a time. What becomes of a received file is told by its document's row.
import { i18n } from '../i18n/i18n.svelte';
import { problemText } from '../i18n/problem';
import { ApiError } from '../protocol/request';
import { type UploadWish, uploadFile } from '../protocol/upload';
import type { DocumentRow, Refusal, UploadOutcome } from '../protocol/types';
import { session } from '../session/session.svelte';
import { documents } from './documents.svelte';

export type UploadState = 'waiting' | 'sending' | 'done' | 'failed';

const atOnce = 2;

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

  constructor(
    readonly id: string,
    readonly file: File,
    readonly collection: string,
    readonly wish: UploadWish,
    /** Who sends it: nobody else sees it, or has it sent in his name. */
    readonly person: string | undefined,
  ) {}

  async send(): Promise<void> {
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
      this.problem = problemText(error, i18n.t);
      this.retryMayHelp = !(error instanceof ApiError && error.refusesContent);
      this.isKnown ||= error instanceof ApiError && error.code === 'already_there';
      this.state = 'failed';
    }
  }
}

class Uploads {
  all = $state.raw<Upload[]>([]);

  add(files: File[], collection: string, wish: UploadWish): void {
    const fresh = files.map((file) => new Upload(crypto.randomUUID(), file, collection, wish, session.person?.id));
    this.all = [...this.all, ...fresh];
    this.goOn();
  }

  retry(upload: Upload): void {
    upload.state = 'waiting';
    upload.problem = '';
    this.goOn();
  }

  clear(): void {
    this.all = this.all.filter((upload) => upload.state === 'waiting' || upload.state === 'sending');
  }

  /** Sends what waits, of whoever is signed in: also what waited until he was again. */
  goOn(): void {
    const sending = this.all.filter((upload) => upload.state === 'sending').length;
    const waiting = this.all.filter(({ state, person }) => state === 'waiting' && person === session.person?.id);
    for (const upload of waiting.slice(0, Math.max(0, atOnce - sending))) {
      void upload.send().then(() => this.goOn());
    }
  }
}

export const uploads = new Uploads();
