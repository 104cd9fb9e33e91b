import { expect, it } from 'vitest';
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
const ids = (view: TableView): string[] => view.shown(rows).map(({ id }) => id);

it('narrows by words, state, kind and language', () => {
  const view = new TableView();
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
  const view = new TableView();
  view.state = 'failed';
  const ended = [row('stopped', { state: 'cancelled' }), row('infected', { state: 'rejected' })];
  expect(view.shown([...rows, ...ended]).map(({ id }) => id)).toEqual(['broken', 'infected', 'stopped']);
  view.state = '';
  view.orderBy('state');
  expect(view.shown([...rows, ...ended]).map(({ state }) => state)).toEqual([
    'rejected',
    'failed',
    'cancelled',
    'queued',
    'ready',
    'ready',
  ]);
});

it('orders by a column, and the other way round', () => {
  const view = new TableView();
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
  const view = new TableView();
  view.choose(['leave', 'broken'], true);
  view.state = 'failed';
  expect(view.chosenOf(rows).map(({ id }) => id)).toEqual(['broken']);
  view.choose(['broken'], false);
  expect(view.chosenOf(rows)).toEqual([]);
});
