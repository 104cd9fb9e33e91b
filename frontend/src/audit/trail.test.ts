import { expect, it, vi } from 'vitest';
import { later } from '../../tests/mounted';
import { i18n } from '../i18n/i18n.svelte';
import { api } from '../protocol/api';
import type { AuditEvent } from '../protocol/types';
import { factsOf, Trail } from './trail.svelte';

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

it('tells a time as one, in the language of whoever reads', async () => {
  const made = { ...event(1), subject: { until: 1803214248, key: 7 } };
  await i18n.use('zh-hans');
  expect(factsOf(made)[0]?.value).toMatch(/^2027年2月2[12]日/);
  await i18n.use('en');
  expect(factsOf(made).map(({ value }) => value.slice(0, 4))).toEqual(['Feb ', '7']);
});
