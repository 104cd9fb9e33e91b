import { beforeEach, expect, it, vi } from 'vitest';
import { element, show, submit, write } from '../../tests/mounted';
import { api } from '../protocol/api';
import { ApiError } from '../protocol/request';
import { session } from '../session/session.svelte';
import AuditPage from './AuditPage.svelte';

const signIn = (is_auditor: boolean): void => {
  session.person = { id: 'p', name: 'Ann', email: '', language: 'en', is_administrator: true, is_auditor };
};

beforeEach(() => {
  signIn(true);
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

it('whoever is no auditor is told so, and offered nothing that he may not have', async () => {
  signIn(false);
  const refusal = { code: 'auditors_only', message: 'The audit trail is for auditors.', next_step: '' };
  vi.spyOn(api, 'audit').mockRejectedValue(new ApiError(403, refusal));
  await show(AuditPage, {});
  expect(document.querySelector('[role=alert]')?.textContent).toContain('for auditors');
  expect(document.querySelectorAll('form, a[download]')).toHaveLength(0);
});
