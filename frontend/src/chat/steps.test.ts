import { describe, expect, it } from 'vitest';
import { freshTurn, loadLog, replayed } from '../../tests/replay';
import { en } from '../i18n/en';
import { zh } from '../i18n/zh';
import { applyEvents } from './reducer';
import { stepLines, stepSummary } from './steps';

const upTo = (count: number) => {
  const log = loadLog('generating-en');
  return applyEvents(freshTurn(log), log.events.slice(0, count));
};

describe('steps while an answer comes about', () => {
  it('name what happens now, with the counts of the events', () => {
    expect(stepLines(upTo(0), en)).toEqual([{ text: 'Reading your question', active: true }]);
    expect(stepLines(upTo(4), en).at(-1)).toEqual({ text: 'Searching 3 collections', active: true });
    expect(stepLines(upTo(5), en).at(-1)).toEqual({ text: 'Reading 2 sources', active: true });
    expect(stepLines(upTo(6), zh).at(-1)).toEqual({ text: '还缺少：rule for unused days', active: true });
    expect(stepLines(upTo(7), en).at(-1)).toEqual({ text: 'Searching 3 collections again (round 2)', active: true });
  });

  it('say how many questions are before one that waits', () => {
    const waiting = { ...freshTurn(loadLog('generating-en')), phase: 'queued' as const };
    expect(stepLines(waiting, en)).toEqual([{ text: 'Waiting for a free place', active: true }]);
    expect(stepLines({ ...waiting, place: 3 }, en)).toEqual([{ text: 'Waiting: 2 before you', active: true }]);
    expect(stepLines({ ...waiting, place: 1 }, zh)).toEqual([{ text: '正在排队：下一个就是您的问题', active: true }]);
  });

  it('say in which language only names were found', () => {
    const log = loadLog('generating-en');
    const found = log.events.findIndex(({ event }) => event.type === 'sources_found');
    const events = log.events.slice(0, found + 1).map(({ number, event }) => ({
      number,
      event: event.type === 'sources_found' ? { ...event, by_names_alone: ['zh'] } : event,
    }));
    const turn = applyEvents(freshTurn(log), events);
    expect(stepLines(turn, en).map(({ text }) => text)).toContain('In Chinese documents by names alone, such as those of the glossary');
    expect(stepLines(turn, zh).map(({ text }) => text)).toContain('中文文档仅按名称检索，例如术语表中的名称');
  });

  it('say that the model thinks, until it writes', () => {
    const log = loadLog('generating-en');
    const writing = log.events.findIndex(({ event }) => event.type === 'writing_started');
    const begun = applyEvents(freshTurn(log), log.events.slice(0, writing + 1));
    const thinking = applyEvents(begun, [{ number: writing + 2, event: { type: 'thinking_started' } }]);
    expect(stepLines(thinking, en).at(-1)).toEqual({ text: 'The model is thinking', active: true });
    expect(stepLines(thinking, en).some(({ text }) => text === en.steps.wrote)).toBe(false);
    const written = applyEvents(thinking, [{ number: writing + 3, event: { type: 'text_added', text: 'Yes' } }]);
    expect(stepLines(written, en).slice(-2)).toEqual([
      { text: 'The model thought first', active: false },
      { text: 'Writing the answer', active: true },
    ]);
  });

  it('leave out a rewritten question that is the question', () => {
    const texts = stepLines(replayed('quoting-zh'), zh).map(({ text }) => text);
    expect(texts.some((text) => text.startsWith('检索'))).toBe(false);
  });

  it('are all past when the answer is done', () => {
    expect(stepLines(replayed('generating-en'), en).every(({ active }) => !active)).toBe(true);
    expect(stepSummary(replayed('generating-en'), en)).toBe('Searched 3 collections, read 4 sources');
  });
});
