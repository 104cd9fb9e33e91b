// Which kinds of files, languages and days there are among the documents that this person may be answered with.
import { api } from '../protocol/api';
import type { ScopeChoices } from '../protocol/types';

class Choices {
  found = $state.raw<ScopeChoices | null>(null);

  /** Asked whenever somebody is about to choose: what one may read changes. */
  async refresh(): Promise<void> {
    try {
      this.found = await api.scopeChoices();
    } catch {
      return; // collections can be chosen, and the connection's banner says that the server is away
    }
  }

  forget(): void {
    this.found = null;
  }
}

export const choices = new Choices();
