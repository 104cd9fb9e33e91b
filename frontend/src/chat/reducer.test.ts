import { describe, expect, it } from 'vitest';
import { freshTurn, loadLog, logNames, replayed } from '../../tests/replay';
import type { NumberedEvent } from '../protocol/types';
import { applyEvent, applyEvents, viewOfTurn } from './reducer';
import { isRunning, languagesByNamesAlone, peopleToAsk, type TurnView, usedSources } from './turnView';

describe('replaying recorded logs', () => {
  it.each(logNames)('%s ends in exactly the state its log names', (name) => {
    const log = loadLog(name);
    const last = log.events.at(-1)?.event;
    const turn = replayed(name);
    expect(isRunning(turn)).toBe(false);
    expect(last?.type === 'turn_finished' && last.state).toBe(turn.phase);
    expect(turn.lastNumber).toBe(log.events.length);
  });

  it.each(logNames)('%s is what the server makes of it', (name) => {
    const turn = replayed(name);
    const { told } = loadLog(name);
    const points = [...turn.text];
    for (const { range } of turn.withdrawn) points.fill('', range.start, range.end);
    const cited = turn.citations.map(({ source }) => turn.sources.find(({ number }) => number === source)?.title);
    expect({
      state: turn.phase,
      answer: points.join(''),
      numbers: turn.citations.map(({ number }) => number),
      titles: [...new Set(cited)],
      sources: turn.sources.map(({ number }) => number),
    }).toEqual(told);
  });

  it.each(logNames)('%s cut at any event and resumed with overlap gives the same view', (name) => {
    const log = loadLog(name);
    const whole = replayed(name);
    for (let cut = 0; cut <= log.events.length; cut += 1) {
      const before = applyEvents(freshTurn(log), log.events.slice(0, cut));
      expect(applyEvents(before, log.events.slice(Math.max(0, cut - 3)))).toEqual(whole);
    }
  });

  it('does not touch the view it was given', () => {
    const log = loadLog('generating-en');
    const start = Object.freeze(freshTurn(log));
    applyEvents(start, log.events);
    expect(start.text).toBe('');
    expect(start.citations).toHaveLength(0);
  });
});

describe('what a view holds', () => {
  it('keeps real counts of each search round', () => {
    const searches = replayed('generating-en').steps.filter((step) => step.kind === 'search');
    expect(searches).toEqual([
      { kind: 'search', round: 1, collections: 3, found: 2, byNames: [] },
      { kind: 'search', round: 2, collections: 3, found: 3, byNames: [] },
    ]);
  });

  it('merges the sources of several rounds by number', () => {
    expect(replayed('generating-en').sources.map((source) => source.number)).toEqual([1, 2, 3, 4]);
  });

  it('tells used sources from searched ones', () => {
    expect(usedSources(replayed('generating-en')).map((source) => source.number)).toEqual([1, 2, 3]);
  });

  it('know a language by names alone where every round of the search found no more in it', () => {
    const turn = replayed('generating-en');
    const rounds = (...names: string[][]): TurnView => ({
      ...turn,
      steps: names.map((byNames, round) => ({ kind: 'search', round, collections: 1, found: 1, byWords: false, byNames })),
    });
    expect(languagesByNamesAlone(turn)).toEqual([]);
    expect(languagesByNamesAlone(rounds(['zh']))).toEqual(['zh']);
    expect(languagesByNamesAlone(rounds(['en', 'zh'], ['zh']))).toEqual(['zh']);
    expect(languagesByNamesAlone(rounds(['zh'], []))).toEqual([]);
    expect(languagesByNamesAlone({ ...turn, steps: [] })).toEqual([]);
  });

  it('names whoever can be asked once, with all that he is responsible for', () => {
    const owned = (collection: string, ...names: string[]): TurnView['owners'][number] => ({ collection, names });
    const owners = [owned('Handbook', 'Staff'), owned('Rules', 'Staff', 'Li'), owned('手册', 'Staff')];
    expect(peopleToAsk({ ...replayed('generating-en'), owners })).toEqual([
      { names: ['Staff'], collections: ['Handbook', '手册'] },
      { names: ['Staff', 'Li'], collections: ['Rules'] },
    ]);
  });

  it('keeps what two sources say differently, and whom to ask', () => {
    const side = { source: 1, document_id: 'd', version_id: 'v', start: 0, end: 4, quote: 'Five', effective_from: '2025-01-01' };
    const turn = applyEvents(freshTurn(loadLog('refused-en')), [
      { number: 1, event: { type: 'sources_disagree', about: 'number', one: side, other: { ...side, source: 2 } } },
      { number: 2, event: { type: 'owners_named', collection_name: 'Handbook', owners: ['Staff'] } },
    ]);
    expect(turn.disagreements.map(({ about, one, other }) => [about, one.source, other.source])).toEqual([['number', 1, 2]]);
    expect(turn.owners).toEqual([{ collection: 'Handbook', names: ['Staff'] }]);
  });

  it('takes nothing after the terminal event', () => {
    const turn = replayed('stopped-en');
    const late: NumberedEvent = { number: turn.lastNumber + 1, event: { type: 'text_added', text: 'late' } };
    expect(applyEvent(turn, late)).toBe(turn);
  });

  it('notes when the first word and the end came, by the clock it is given', () => {
    const log = loadLog('quoting-zh');
    let turn = freshTurn(log);
    log.events.forEach((event, index) => {
      turn = applyEvent(turn, event, index);
    });
    const firstWord = log.events.findIndex(({ event }) => event.type === 'text_added');
    expect(turn.timing).toMatchObject({ firstWord, finished: log.events.length - 1 });
  });
});

describe('a stored turn', () => {
  const log = loadLog('generating-en');
  const stored = {
    id: 't',
    parent_id: null,
    question: log.question,
    created_at: '2025-11-03T09:00:00Z',
    masked: false,
    feedback: null,
    scope: null,
  };

  it('that still runs goes on where its events end', () => {
    const half = viewOfTurn({ ...stored, state: 'running', events: log.events.slice(0, 20) });
    expect(isRunning(half)).toBe(true);
    expect(half.lastNumber).toBe(20);
  });

  it('whose log broke off has the state that the server gives it', () => {
    const broken = viewOfTurn({ ...stored, state: 'interrupted', events: log.events.slice(0, 20) });
    expect(broken.phase).toBe('interrupted');
  });

  it('that is masked holds no text', () => {
    const masked = viewOfTurn({ ...stored, state: 'done', masked: true, events: [] });
    expect(masked).toMatchObject({ masked: true, phase: 'done', text: '' });
  });
});
