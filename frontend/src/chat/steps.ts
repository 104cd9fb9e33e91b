// What happened on the way to an answer, as lines to read. Counts come from the events, never from guesses.
import type { Catalogue } from '../i18n/en';
import type { Step, TurnView } from './turnView';
import { isRunning } from './turnView';

export interface StepLine {
  text: string;
  active: boolean;
}

export function stepLines(turn: TurnView, t: Catalogue): StepLine[] {
  const running = isRunning(turn);
  if (turn.phase === 'sending') return [{ text: t.steps.sending, active: true }];
  if (turn.phase === 'queued') {
    return [{ text: turn.place === null ? t.steps.queued : t.steps.place(turn.place), active: true }];
  }
  const lines = turn.steps.flatMap((step, index): StepLine[] => {
    const active = running && index === turn.steps.length - 1;
    return wordsOf(step, active, turn.question, t).map((text, place, all) => ({
      text,
      active: active && place === all.length - 1,
    }));
  });
  return lines.length === 0 && running ? [{ text: t.steps.started, active: true }] : lines;
}

function wordsOf(step: Step, active: boolean, question: string, t: Catalogue): string[] {
  switch (step.kind) {
    case 'decided':
      return [t.steps[step.decision]];
    case 'rewritten': {
      const others = step.queries.filter((query) => query.trim() !== question.trim());
      return others.length > 0 ? [t.steps.rewritten(others)] : [];
    }
    case 'search':
      return searchWords(step, active, t);
    case 'judged':
      if (step.enough) return [t.steps.enough];
      return [step.missing ? t.steps.missing(step.missing) : t.steps.notEnough];
    case 'thinking':
      return [active ? t.steps.thinking : t.steps.thought];
    case 'writing':
      return [active ? t.steps.writing : t.steps.wrote];
  }
}

function searchWords(step: Extract<Step, { kind: 'search' }>, active: boolean, t: Catalogue): string[] {
  if (step.found === null && active) {
    return [step.round > 1 ? t.steps.searchingAgain(step.collections, step.round) : t.steps.searching(step.collections)];
  }
  const searched = t.steps.searched(step.collections);
  if (step.found === null) return [searched];
  const how = [searched, ...(step.byWords ? [t.steps.byWords] : []), ...step.byNames.map(t.steps.byNames)];
  if (step.found === 0) return [...how, t.steps.foundNone];
  return [...how, active ? t.steps.reading(step.found) : t.steps.found(step.found)];
}

/** One line for a finished answer; empty where nothing was searched. */
export function stepSummary(turn: TurnView, t: Catalogue): string {
  const searches = turn.steps.filter((step) => step.kind === 'search');
  if (searches.length === 0) return '';
  const collections = Math.max(...searches.map((step) => step.collections));
  return t.steps.summary(collections, turn.sources.length);
}
