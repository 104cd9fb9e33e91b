import { expect, it } from 'vitest';
import { i18n } from '../i18n/i18n.svelte';
import type { DocumentRow } from '../protocol/types';
import { TableView } from './tableView.svelte';

const row = (id: string, more: Partial<DocumentRow> = {}): DocumentRow => ({
  id,
  title: id,
  filename: `${id}.pdf`,
  media_type: 'application/pdf',
  language: 'en',
  collection_id: 'shelf',
  state: 'ready',
  step: 'ready',
  progress: 1,
  passages: 1,
  pages: null,
  flags: [],
  problem: null,
  retry_may_help: false,
  version_id: `${id}-1`,
  version_number: 1,
  versions: 1,
  effective_from: '2025-01-01',
  expires_on: null,
  uploaded_by: 'Olga',
  updated_at: '2025-01-01T00:00:00Z',
  ...more,
});
const rows = [
  row('leave', { passages: 12, flags: ['encoding_unsure'] }),
  row('年假', { filename: '年假.DOCX', language: 'zh', passages: 3, updated_at: '2025-02-01T00:00:00Z' }),
  row('broken', { state: 'failed', uploaded_by: 'Chen' }),
  row('new', { state: 'queued' }),
];
const viewOf = (...shown: DocumentRow[]): TableView => new TableView(() => shown);
const ids = (view: TableView): string[] => view.shown.map(({ id }) => id);

it('narrows by words, state, kind and language', () => {
  const view = viewOf(...rows);
  expect(ids(view)).toEqual(['broken', 'leave', 'new', '年假']);
  view.words = 'CHEN';
  expect(ids(view)).toEqual(['broken']);
  view.words = '';
  view.state = 'working';
  expect(ids(view)).toEqual(['new']);
  view.state = 'noted';
  expect(ids(view)).toEqual(['leave']);
  view.state = '';
  view.kind = 'docx';
  expect(ids(view)).toEqual(['年假']);
  view.kind = '';
  view.language = 'zh';
  expect(ids(view)).toEqual(['年假']);
  expect(view.narrowed).toBe(true);
});

it('counts what was cancelled or rejected with what failed', () => {
  const ended = [row('stopped', { state: 'cancelled' }), row('infected', { state: 'rejected' })];
  const view = viewOf(...rows, ...ended);
  view.state = 'failed';
  expect(ids(view)).toEqual(['broken', 'infected', 'stopped']);
  view.state = '';
  view.orderBy('state');
  expect(view.shown.map(({ state }) => state)).toEqual([
    'rejected',
    'failed',
    'cancelled',
    'queued',
    'ready',
    'ready',
  ]);
});

it('orders by a column, and the other way round', () => {
  const view = viewOf(...rows);
  view.orderBy('passages');
  expect(ids(view).at(-1)).toBe('leave');
  view.orderBy('passages');
  expect(ids(view)[0]).toBe('leave');
  view.orderBy('state');
  expect(ids(view)[0]).toBe('broken');
  view.orderBy('updated_at');
  expect(ids(view).at(-1)).toBe('年假');
});

it('acts on chosen rows that are shown, and on no other', () => {
  const view = viewOf(...rows);
  view.choose(['leave', 'broken'], true);
  view.state = 'failed';
  expect(view.chosenRows.map(({ id }) => id)).toEqual(['broken']);
  view.choose(['broken'], false);
  expect(view.chosenRows).toEqual([]);
});

it('counts on in titles, and orders Chinese ones by their sound for Chinese readers', async () => {
  const view = viewOf(...['Page 10', '赵', '钱', '安', 'Page 9'].map((title) => row(title)));
  expect(ids(view).slice(0, 2)).toEqual(['Page 9', 'Page 10']);
  await i18n.use('zh-hans');
  expect(ids(view).filter((id) => !id.startsWith('Page'))).toEqual(['安', '钱', '赵']);
});

it('draws a part, and more where it is wanted; in another order, or narrowed otherwise, it begins anew', () => {
  const view = viewOf(...Array.from({ length: 250 }, (_, index) => row(`${index}`)));
  const drawn = (): unknown[] => [view.drawn.length, view.drawn.at(-1)?.id, view.hasMore];
  expect(drawn()).toEqual([100, '99', true]);
  view.drawMore();
  view.drawMore();
  view.drawMore();
  expect(drawn()).toEqual([250, '249', false]);
  view.orderBy('title');
  expect(drawn()).toEqual([100, '150', true]);
  view.drawMore();
  view.words = '1';
  expect(view.drawn.length).toBe(100);
  view.choose(ids(view), true);
  expect(view.chosenRows.length).toBe(view.shown.length);
});
