import { expect, it, vi } from 'vitest';
import { show } from '../../tests/mounted';
import { api } from '../protocol/api';
import type { DocumentDetail, DocumentRow, DocumentVersion } from '../protocol/types';
import VersionsDialog from './VersionsDialog.svelte';

it('tells a version that is still to come from one that is over', async () => {
  const version = (number: number, effective_from: string, more: Partial<DocumentVersion> = {}): DocumentVersion =>
    ({ id: `${number}`, number, state: 'ready', in_force: false, effective_from, uploaded_at: '2025-01-01', ...more }) as DocumentVersion;
  const versions = [
    version(4, '2025-01-01', { state: 'failed' }),
    version(3, '2999-12-01'),
    version(2, '2025-01-01', { in_force: true }),
    version(1, '2024-01-01'),
  ];
  vi.spyOn(api, 'document').mockResolvedValue({ versions } as DocumentDetail);
  await show(VersionsDialog, { row: { id: 'd', title: 'Leave' } as DocumentRow, onclose: () => undefined });
  expect([...document.querySelectorAll('.tag')].map((tag) => tag.textContent.trim())).toEqual([
    'Not in force',
    'Not yet in force',
    'In force',
    'No longer in force',
  ]);
});
