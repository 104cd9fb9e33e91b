// Something that a dialog tries and that the server may refuse: its problem, in the reader's words, until the next try.
import { i18n } from '../i18n/i18n.svelte';
import { problemText } from '../i18n/problem';

export class Attempt {
  problem = $state('');

  run = async (work: () => Promise<void>): Promise<void> => {
    this.problem = '';
    try {
      await work();
    } catch (error) {
      this.problem = problemText(error, i18n.t);
    }
  };
}
