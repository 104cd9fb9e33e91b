// Whether something has ended between two looks: also what began after the one and was over before the other.
import type { Upkeep } from '../protocol/types';

export function hasEnded(before: Upkeep[], now: Upkeep[]): boolean {
  const known = new Set(before.map(endOf));
  return before.length > 0 && now.some((upkeep) => upkeep.latest?.finished_at && !known.has(endOf(upkeep)));
}

const endOf = ({ latest }: Upkeep): string => (latest?.finished_at ? latest.id : '');
