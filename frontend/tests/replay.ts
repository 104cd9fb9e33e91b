// Loads the recorded logs for the tests.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyEvents } from '../src/chat/reducer';
import { newTurnView, type TurnView } from '../src/chat/turnView';
import type { NumberedEvent } from '../src/protocol/types';

export interface RecordedLog {
  name: string;
  question: string;
  /** What the server's own tests make of it. */
  told: { state: string; answer: string; numbers: number[]; titles: string[]; sources: number[] };
  events: NumberedEvent[];
}

const folder = join(import.meta.dirname, 'logs');

export const logNames = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

export function loadLog(name: string): RecordedLog {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as RecordedLog;
}

export function freshTurn(log: RecordedLog): TurnView {
  return newTurnView({
    id: log.name,
    parentId: null,
    question: log.question,
    createdAt: '2025-11-03T09:00:00Z',
    phase: 'running',
  });
}

export function replayed(name: string): TurnView {
  const log = loadLog(name);
  return applyEvents(freshTurn(log), log.events);
}
