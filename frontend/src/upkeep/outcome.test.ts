import { afterEach, expect, it } from 'vitest';
import { i18n } from '../i18n/i18n.svelte';
import { upkeep as en } from '../i18n/upkeep.en';
import type { UpkeepRun } from '../protocol/types';
import { outcomeOf } from './outcome';

const run = (more: Partial<UpkeepRun>): UpkeepRun => ({
  ...{ id: 'r', state: 'succeeded', started_by: 'Ada', due_at: null, cause: null },
  ...{ created_at: '2026-01-01T00:00:00Z', finished_at: '2026-01-01T00:00:01Z', seconds: 1, problem: null },
  ...{ golden: null, refitted: [], health: null, ...more },
});

afterEach(() => i18n.use('en'));

it('tells what was found, by what was looked at', () => {
  const golden = { golden_run: 'g', found: 3, answerable: 4 };
  expect(outcomeOf(run({ golden, cause: 'source' }), en)).toBe('3 of 4 found; After a run of a source.');
  const refitted = [{ generation: 2, questions: 40, before: 0.5, now: 0.6, is_put_to_use: true }];
  expect(outcomeOf(run({ refitted }), en)).toBe('index 2, 40 questions: nDCG@10 0.500, fitted 0.600; put to use');
});

it('names hubs by what the reader may know of them, and what hinders search', () => {
  const health = {
    ...{ generation: 1, vectors: 9, probed: 9, recall: null, invalid: ['nearest'] },
    hubs: [{ title: 'Imprint', share: 0.5 }, { title: '', share: 0.3 }],
    dead: [{ table: 'postings', dead: 2000, live: 1 }],
  };
  expect(outcomeOf(run({ health }), en)).toBe(
    '9 passages; no graph, every passage is compared; 2 passages stand in very many results; Imprint (50 %);' +
      ' a document that you may not read (30 %); 2000 dead rows in postings; not used by any search: nearest',
  );
});

it('tells what went wrong and the next step, as sentences stand in the language', async () => {
  const problem = { code: 'away', message: '它没有回应。', next_step: '请稍后再试。' };
  await i18n.use('zh-hans');
  expect(outcomeOf(run({ problem }), en)).toBe('它没有回应。请稍后再试。');
});
