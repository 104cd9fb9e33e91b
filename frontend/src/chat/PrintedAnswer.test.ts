import { afterEach, expect, it } from 'vitest';
import { element, show } from '../../tests/mounted';
import { collections } from '../library/collections.svelte';
import type { Citation, Collection, Source } from '../protocol/types';
import PrintedAnswer from './PrintedAnswer.svelte';
import { everything } from './scope';
import { newTurnView } from './turnView';

afterEach(() => collections.forget());

const turn = newTurnView({ id: 't', parentId: null, question: 'q', createdAt: '', phase: 'done' });

it('a refusal on paper says of what it was asked, as on the screen', async () => {
  collections.all = [{ id: 'c', name: 'Handbook' } as Collection];
  const scope = { ...everything, collections: ['c'], languages: ['en' as const] };
  await show(PrintedAnswer, { turn: { ...turn, phase: 'refused', scope } });
  expect(element('.note', HTMLElement).textContent).toBe(
    'Nothing in Handbook answers this question. Only this was searched: English.',
  );
});

it('each place that a number cites is listed once', async () => {
  const source = { number: 4, title: 'Leave', heading_path: [], document_id: 'd', version_id: 'v' } as unknown as Source;
  const cited = (start: number, quote: string): Citation =>
    ({ number: 1, source: 4, at: 0, document_id: 'd', version_id: 'v', start, end: start + 9, page: null, quote }) as Citation;
  const citations = [cited(0, '28 days.'), cited(20, 'In writing.'), cited(0, '28 days.')];
  await show(PrintedAnswer, { turn: { ...turn, sources: [source], citations } });
  expect([...document.querySelectorAll('li[value] q')].map((quote) => quote.textContent)).toEqual(['28 days.', 'In writing.']);
  expect([...document.querySelectorAll('li[value] a')].map((link) => link.textContent.split('?')[1])).toEqual([
    'start=0&end=9',
    'start=20&end=29',
  ]);
  expect(document.querySelectorAll('li[value]')).toHaveLength(1);
});
