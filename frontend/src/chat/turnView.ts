// What the page knows of one turn. Built only by the reducer; drawn by the components.
import type { Citation, Decision, Disagreement, Feedback, Problem, Source, Strategy, Support, TextRange, TokenUsage, TurnState } from '../protocol/types';
import type { ChosenScope } from './scope';

export type Step =
  | { kind: 'decided'; decision: Decision }
  | { kind: 'rewritten'; queries: string[] }
  | { kind: 'search'; round: number; collections: number; found: number | null; byWords: boolean; byNames: string[] }
  | { kind: 'judged'; enough: boolean; missing: string | null }
  | { kind: 'thinking' }
  | { kind: 'writing' };

export type TurnPhase = 'sending' | 'queued' | 'running' | TurnState;

export interface TurnView {
  /** Stays the same when the server gives a question its id. */
  key: string;
  id: string;
  parentId: string | null;
  question: string;
  /** What the question was asked of; null where somebody else shares it. */
  scope: ChosenScope | null;
  createdAt: string;
  masked: boolean;
  phase: TurnPhase;
  /** In the queue, from 1; null where it is not known. */
  place: number | null;
  lastNumber: number;
  strategy: Strategy | null;
  /** The name of the model that wrote it. */
  model: string | null;
  steps: Step[];
  sources: Source[];
  text: string;
  citations: Citation[];
  withdrawn: { range: TextRange; reason: 'unsupported' | 'revoked' }[];
  verified: { range: TextRange; state: Support }[];
  values: TextRange[];
  /** What two sources say differently. */
  disagreements: Disagreement[];
  /** Whom to ask where there is no answer. */
  owners: { collection: string; names: string[] }[];
  reason: string | null;
  /** Why the server did not take the question, in its own words. */
  problem: Problem | null;
  followUps: string[];
  usage: TokenUsage | null;
  /** What its asker says of the answer. */
  feedback: Feedback | null;
  /** Milliseconds of the page's clock; null where the turn was not watched live. */
  timing: { asked: number | null; firstWord: number | null; finished: number | null };
}

export function newTurnView(start: {
  id: string;
  parentId: string | null;
  question: string;
  createdAt: string;
  phase: TurnPhase;
  asked?: number;
  scope?: ChosenScope | null;
}): TurnView {
  return {
    key: start.id,
    id: start.id,
    parentId: start.parentId,
    question: start.question,
    scope: start.scope ?? null,
    createdAt: start.createdAt,
    masked: false,
    phase: start.phase,
    place: null,
    lastNumber: 0,
    strategy: null,
    model: null,
    steps: [],
    sources: [],
    text: '',
    citations: [],
    withdrawn: [],
    verified: [],
    values: [],
    disagreements: [],
    owners: [],
    reason: null,
    problem: null,
    followUps: [],
    usage: null,
    feedback: null,
    timing: { asked: start.asked ?? null, firstWord: null, finished: null },
  };
}

const unfinished: ReadonlySet<TurnPhase> = new Set<TurnPhase>(['sending', 'queued', 'running']);

export const isRunning = (turn: TurnView): boolean => unfinished.has(turn.phase);

const answered: ReadonlySet<TurnPhase> = new Set<TurnPhase>(['done', 'truncated', 'refused']);

/** It ended by itself, if only by saying that nothing was found. */
export const hasAnswered = (turn: TurnView): boolean => answered.has(turn.phase);

/** Languages in which every round of the search found only names. */
export function languagesByNamesAlone(turn: TurnView): string[] {
  const [first = [], ...others] = turn.steps.flatMap((step) => (step.kind === 'search' ? [step.byNames] : []));
  return first.filter((language) => others.every((names) => names.includes(language)));
}

/** Whom to ask, each once, with the collections that they are responsible for. */
export function peopleToAsk(turn: TurnView): { names: string[]; collections: string[] }[] {
  const asked = new Map<string, { names: string[]; collections: string[] }>();
  for (const { collection, names } of turn.owners) {
    const key = JSON.stringify(names);
    const known = asked.get(key);
    if (known) known.collections.push(collection);
    else asked.set(key, { names, collections: [collection] });
  }
  return [...asked.values()];
}

/** The sources that citations point to, in order of their first use. */
export function usedSources(turn: TurnView): Source[] {
  const used: Source[] = [];
  for (const citation of turn.citations) {
    const source = turn.sources.find((candidate) => candidate.number === citation.source);
    if (source && !used.includes(source)) used.push(source);
  }
  return used;
}
