// What a refusal says: of what it was asked, nothing answers. The same on the screen and on paper.
import { i18n } from '../i18n/i18n.svelte';
import { collections } from '../library/collections.svelte';
import { everything } from './scope';
import { furtherNames } from './scopeNames';
import type { TurnView } from './turnView';

/** Names only the collections that are loaded. */
export function refusalOf({ scope: asked }: Pick<TurnView, 'scope'>): string {
  const scope = asked ?? everything;
  const t = i18n.t.outcome;
  const names = scope.collections.map((id) => collections.find(id)?.name).filter((name) => name !== undefined);
  const sentence = names.length > 0 ? t.refusedIn(i18n.list(names)) : t.refused;
  const further = furtherNames(scope);
  return i18n.sentences(sentence, further.length > 0 ? t.narrowedTo(i18n.list(further)) : undefined);
}
