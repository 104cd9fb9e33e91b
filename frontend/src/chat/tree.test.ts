import { expect, it } from 'vitest';
import { newTurnView, type TurnView } from './turnView';
import { currentPath } from './tree';

const turn = (id: string, parentId: string | null, minute: number): TurnView =>
  newTurnView({ id, parentId, question: id, createdAt: `2025-01-01T00:0${minute}:00Z`, phase: 'done' });

const turns = [turn('a', null, 0), turn('b1', 'a', 1), turn('b2', 'a', 3), turn('c', 'b1', 2), turn('a2', null, 5)];
const ids = (choices: [string, string][]): string[] =>
  currentPath(turns, new Map(choices)).map((entry) => entry.turn.id);

it('shows the newest branch unless another was chosen', () => {
  expect(ids([])).toEqual(['a2']);
  expect(ids([['', 'a']])).toEqual(['a', 'b2']);
  expect(ids([['', 'a'], ['a', 'b1']])).toEqual(['a', 'b1', 'c']);
});

it('counts the variants of a turn', () => {
  const path = currentPath(turns, new Map([['', 'a']]));
  expect(path[1]).toMatchObject({ siblings: ['b1', 'b2'], index: 1 });
});
