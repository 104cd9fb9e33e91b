// A run of a source of which nothing is to be told but what a test says.
import type { SourceRun } from '../src/protocol/types';

export const runOf = (more: Partial<SourceRun>): SourceRun => ({
  ...{ id: 'r', state: 'succeeded', started_by: 'Ada', due_at: null, created_at: '2025-01-01T00:00:00Z' },
  ...{ finished_at: null, seconds: 0, seconds_left: null, total: null, done: 0, new: 0, changed: 0, unchanged: 0 },
  ...{ refused: 0, left_out: 0, removed: 0, held: 0, passed_over: 0, unread_pictures: 0, readers_changed: 0 },
  ...{ withheld: 0, is_complete: true, problem: null, permissions_problem: null },
  ...more,
});
