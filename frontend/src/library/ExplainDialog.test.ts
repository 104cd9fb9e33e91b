import { expect, it, vi } from 'vitest';
import { element, show, submit, write } from '../../tests/mounted';
import { api } from '../protocol/api';
import type { DocumentDetail, DocumentRow } from '../protocol/types';
import ExplainDialog from './ExplainDialog.svelte';

it.each([
  [true, 'v1'],
  [false, 'v2'],
])('asks about the version that answers where one does (%s)', async (in_force, version) => {
  const versions = [
    { id: 'v2', in_force: false },
    { id: 'v1', in_force },
  ];
  vi.spyOn(api, 'document').mockResolvedValue({ versions } as DocumentDetail);
  const asked = vi.spyOn(api, 'explain').mockResolvedValue({ can_read: true, because: [] });
  await show(ExplainDialog, { row: { id: 'd', version_id: 'v2', title: 'Leave' } as DocumentRow, onclose: () => undefined });
  await write(element('input', HTMLInputElement), 'ann@example.org');
  await submit();
  expect(asked).toHaveBeenLastCalledWith(version, 'ann@example.org');
});
