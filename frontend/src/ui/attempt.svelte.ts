// Something that a form tries and that the server may refuse: whether it is under way, and its problem, in the reader's
// words, until the next try.
import { i18n } from '../i18n/i18n.svelte';
import { problemText } from '../i18n/problem';

export class Attempt {
  problem = $state('');
  working = $state(false);

  run = async (work: () => Promise<void>): Promise<void> => {
    this.problem = '';
    this.working = true;
    try {
      await work();
    } catch (error) {
      this.problem = problemText(error, i18n.t);
    } finally {
      this.working = false;
    }
  };

  /** For a form's `onsubmit`. */
  submits =
    (work: () => Promise<void>) =>
    (event: SubmitEvent): void => {
      event.preventDefault();
      void this.run(work);
    };
}
