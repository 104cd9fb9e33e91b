import { expect, it, vi } from 'vitest';
import { later } from '../../tests/mounted';
import { api } from '../protocol/api';
import type { AuditEvent } from '../protocol/types';
import { Trail } from './trail.svelte';

const event = (seq: number): AuditEvent => ({
  ...{ seq, at: '2025-01-01T00:00:00Z', actor_id: null, action: 'signed_in', subject: {}, previous: '', hash: '', names: {} },
});

it('shows what was asked for last, whichever answer comes last', async () => {
  const { answer, give } = later<AuditEvent[]>();
  vi.spyOn(api, 'auditChain').mockResolvedValue({ looked_at: 0, last_seq: 0, last_hash: '', fault: null });
  vi.spyOn(api, 'audit').mockReturnValueOnce(answer).mockResolvedValueOnce([event(1)]);
  const trail = new Trail();
  const first = trail.ask({});
  await trail.ask({ actor: 'somebody' });
  give([event(9)]);
  await first;
  expect(trail.events.map(({ seq }) => seq)).toEqual([1]);
  expect(trail.loading).toBe(false);
});
