// What a run of upkeep found, in the reader's words.
import { toldBy } from '../i18n/problem';
import type { UpkeepRun } from '../protocol/types';
import { share } from '../search/share';
import type { Words } from './words';

export function outcomeOf(run: UpkeepRun, words: Words): string {
  if (run.problem) return toldBy(run.problem);
  const facts = [
    ...(run.golden ? [words.golden(run.golden.found, run.golden.answerable)] : []),
    ...run.refitted.flatMap((one) => [
      words.refitted(one.generation, one.questions, one.before.toFixed(3), one.now.toFixed(3)),
      one.is_put_to_use ? words.putToUse : words.notPutToUse,
    ]),
    ...(run.health ? healthFacts(run.health, words) : []),
  ];
  return [...facts, ...(run.cause ? [words.causes[run.cause]] : [])].join(words.between);
}

function healthFacts(health: NonNullable<UpkeepRun['health']>, words: Words): string[] {
  return [
    words.vectors(health.vectors),
    health.recall === null ? words.noGraph : words.recall(share(health.recall)),
    health.hubs.length > 0 ? words.hubs(health.hubs.length) : words.noHubs,
    ...health.hubs.map((hub) => words.hub(hub.title || words.hidden, share(hub.share))),
    ...health.dead.map(({ table, dead }) => words.dead(table, dead)),
    ...(health.invalid.length > 0 ? [words.invalid(health.invalid.join(', '))] : []),
  ];
}
