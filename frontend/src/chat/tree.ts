// Turns form a tree: regenerating and editing put a sibling beside a turn. The page shows one path through it.
import type { TurnView } from './turnView';

export type Choices = ReadonlyMap<string, string>;

/** The key under which the chosen child of `parentId` is kept; the root's children have no parent. */
export const choiceKey = (parentId: string | null): string => parentId ?? '';

function childrenByParent(turns: Iterable<TurnView>): Map<string, TurnView[]> {
  const children = new Map<string, TurnView[]>();
  for (const turn of turns) {
    const key = choiceKey(turn.parentId);
    const list = children.get(key);
    if (list) list.push(turn);
    else children.set(key, [turn]);
  }
  for (const list of children.values()) list.sort((one, other) => one.createdAt.localeCompare(other.createdAt));
  return children;
}

export interface PathEntry {
  turn: TurnView;
  siblings: string[];
  index: number;
}

/** From the root along the chosen children, else the newest. */
export function currentPath(turns: Iterable<TurnView>, choices: Choices): PathEntry[] {
  const children = childrenByParent(turns);
  const path: PathEntry[] = [];
  let list = children.get(choiceKey(null));
  let key = choiceKey(null);
  while (list && list.length > 0 && path.length < 10_000) {
    const chosen = choices.get(key);
    const found = list.findIndex((turn) => turn.id === chosen);
    const index = found === -1 ? list.length - 1 : found;
    const turn = list[index];
    if (!turn) break;
    path.push({ turn, siblings: list.map((sibling) => sibling.id), index });
    key = choiceKey(turn.id);
    list = children.get(key);
  }
  return path;
}
