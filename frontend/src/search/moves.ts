// What became of each passage between two ways to rank.
import type { SearchComparison } from '../protocol/types';

/** By how many places a passage of what is tried has moved up (below 0: down); null: the other side has it not. */
export const moves = ({ places }: Pick<SearchComparison, 'places'>): (number | null)[] =>
  places.map((was, index) => (was === null ? null : was - (index + 1)));

/** Which passages of what is in force are not among those tried, by index. */
export function lost({ places, in_force: inForce }: Pick<SearchComparison, 'places' | 'in_force'>): boolean[] {
  const kept = new Set(places);
  return inForce.passages.map((_, index) => !kept.has(index + 1));
}
