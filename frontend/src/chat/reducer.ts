// Events in, turn view out. Pure: no clock, no network, no page. An event that was already applied changes nothing,
// and nothing follows the terminal event.
import type { AnswerEvent, NumberedEvent, Source, SourcesFound, Turn } from '../protocol/types';
import { scopeOfWire } from './scope';
import { isRunning, newTurnView, type Step, type TurnView } from './turnView';

export function applyEvent(turn: TurnView, { number, event }: NumberedEvent, now: number | null = null): TurnView {
  if (number <= turn.lastNumber || !isRunning(turn)) return turn;
  const next: TurnView = { ...turn, lastNumber: number, phase: 'running' };
  change(next, event);
  if (now !== null) {
    if (event.type === 'text_added' && turn.text === '') next.timing = { ...next.timing, firstWord: now };
    if (event.type === 'turn_finished') next.timing = { ...next.timing, finished: now };
  }
  return next;
}

export function applyEvents(turn: TurnView, events: readonly NumberedEvent[], now: number | null = null): TurnView {
  return events.reduce((view, numbered) => applyEvent(view, numbered, now), turn);
}

/** A turn as the server stores it; the stored state wins where the log has no terminal event. */
export function viewOfTurn(turn: Turn): TurnView {
  const base = newTurnView({
    id: turn.id,
    parentId: turn.parent_id,
    question: turn.question,
    createdAt: turn.created_at,
    phase: turn.state === 'queued' ? 'queued' : 'running',
    scope: turn.scope && scopeOfWire(turn.scope),
  });
  const view = applyEvents(base, turn.events);
  return { ...view, phase: isRunning(view) ? turn.state : view.phase, masked: turn.masked, feedback: turn.feedback };
}

function change(turn: TurnView, event: AnswerEvent): void {
  switch (event.type) {
    case 'turn_started':
      turn.strategy = event.strategy;
      return;
    case 'decided':
      turn.steps = [...turn.steps, { kind: 'decided', decision: event.decision }];
      return;
    case 'queries_rewritten':
      turn.steps = [...turn.steps, { kind: 'rewritten', queries: event.queries }];
      return;
    case 'search_started':
      turn.steps = [
        ...turn.steps,
        { kind: 'search', round: event.round, collections: event.collections, found: null, byWords: false, byNames: [] },
      ];
      return;
    case 'sources_found':
      turn.steps = turn.steps.map((step) => withFound(step, event));
      turn.sources = mergeSources(turn.sources, event.sources);
      return;
    case 'judged':
      turn.steps = [...turn.steps, { kind: 'judged', enough: event.enough, missing: event.missing }];
      return;
    case 'thinking_started':
      // It writes when the first word comes.
      turn.steps = [...turn.steps.filter(({ kind }) => kind !== 'writing'), { kind: 'thinking' }];
      return;
    case 'writing_started':
      turn.steps = [...turn.steps, { kind: 'writing' }];
      turn.model = event.model;
      return;
    case 'text_added':
      turn.text += event.text;
      if (turn.steps.at(-1)?.kind === 'thinking') turn.steps = [...turn.steps, { kind: 'writing' }];
      return;
    case 'text_withdrawn':
      turn.withdrawn = [...turn.withdrawn, { range: event.range, reason: event.reason }];
      return;
    case 'citation_added':
      turn.citations = [...turn.citations, event];
      return;
    case 'sentence_verified':
      turn.verified = [...turn.verified, { range: event.range, state: event.state }];
      return;
    case 'value_lit':
      turn.values = [...turn.values, event.range];
      return;
    case 'sources_disagree':
      turn.disagreements = [...turn.disagreements, event];
      return;
    case 'owners_named':
      turn.owners = [...turn.owners, { collection: event.collection_name, names: event.owners }];
      return;
    case 'turn_finished':
      turn.phase = event.state;
      turn.reason = event.reason;
      turn.followUps = event.follow_ups;
      turn.usage = event.usage;
      return;
    default:
      assertNever(event);
  }
}

function withFound(step: Step, event: SourcesFound): Step {
  if (step.kind !== 'search' || step.round !== event.round) return step;
  // A log from before this was told has none.
  const byNames = (event as Partial<SourcesFound>).by_names_alone ?? [];
  return { ...step, found: event.sources.length, byWords: event.by_words_alone, byNames };
}

function mergeSources(known: Source[], found: Source[]): Source[] {
  const byNumber = new Map([...known, ...found].map((source) => [source.number, source]));
  return [...byNumber.values()].sort((one, other) => one.number - other.number);
}

/** A newer server may send a type this page does not know: it counts as seen and changes nothing. */
function assertNever(_event: never): void {
  return;
}
