import { beforeEach, expect, it, vi } from 'vitest';
import { element, show, submit, write } from '../../tests/mounted';
import { api } from '../protocol/api';
import AuditPage from './AuditPage.svelte';

beforeEach(() => {
  vi.stubEnv('TZ', 'Europe/Berlin');
});

it('asks for a whole day, also one of 25 hours', async () => {
  vi.spyOn(api, 'auditChain').mockResolvedValue({ looked_at: 0, last_seq: 0, last_hash: '', fault: null });
  const asked = vi.spyOn(api, 'audit').mockResolvedValue([]);
  await show(AuditPage, {});
  await write(element('label:nth-of-type(3) input', HTMLInputElement), '2025-10-26');
  await write(element('label:nth-of-type(4) input', HTMLInputElement), '2025-10-26');
  await submit();
  expect(asked.mock.lastCall?.[0]).toEqual({ since: '2025-10-25T22:00:00.000Z', until: '2025-10-26T23:00:00.000Z' });
});
