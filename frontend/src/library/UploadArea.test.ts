import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { leave, settle, show } from '../../tests/mounted';
import { i18n } from '../i18n/i18n.svelte';
import type { UploadOutcome } from '../protocol/types';
import { uploadFile } from '../protocol/upload';
import { session } from '../session/session.svelte';
import UploadArea from './UploadArea.svelte';
import { uploads } from './uploads.svelte';

vi.mock('../protocol/upload');

const whenever = { effectiveFrom: '', expiresOn: '' };
const file = (name: string): File => new File(['x'], name);

function signIn(id: string): void {
  session.person = { id, name: id, email: '', language: 'en', is_administrator: false, is_auditor: false };
}

const sent = (): string[] => vi.mocked(uploadFile).mock.calls.map(([, , { name }]) => name);

beforeEach(() => {
  vi.mocked(uploadFile).mockReset().mockReturnValue(new Promise(() => undefined));
  signIn('ada');
});
afterEach(() => {
  uploads.all = [];
  session.person = null;
});

async function drop(entries: object[]): Promise<void> {
  const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }));
  const event = Object.assign(new Event('drop', { cancelable: true }), { dataTransfer: { items, files: [] } });
  document.querySelector('.drop')?.dispatchEvent(event);
  await settle();
}

const readable = { name: 'one.pdf', isFile: true, file: (give: (file: File) => void) => give(file('one.pdf')) };
const gone = { name: 'two.pdf', fullPath: '/two.pdf', isFile: true, file: (_: unknown, fail: () => void) => fail() };

it('sends what can be read of what was dropped, and says what could not be', async () => {
  await i18n.use('zh-hans');
  await show(UploadArea, { collection: 'shelf' });
  await drop([readable, gone]);
  expect(sent()).toEqual(['one.pdf']);
  expect(document.querySelector('[role=alert]')?.textContent).toContain('无法读取、未上传：two.pdf。');
  await drop([readable]);
  expect(document.querySelector('[role=alert]'), 'of what was dropped last').toBe(null);
});

it('names some of very many that could not be read', async () => {
  await show(UploadArea, { collection: 'shelf' });
  await drop(Array.from({ length: 11 }, (_, index) => ({ ...gone, fullPath: `/${index}.pdf` })));
  expect(document.querySelector('[role=alert]')?.textContent).toContain('6.pdf, 7.pdf and 3 more.');
});

it('shows nobody the files of whoever was signed in before, and sends none of them in his name', async () => {
  uploads.add(['a.pdf', 'b.pdf', 'c.pdf'].map(file), 'shelf', whenever);
  signIn('bob');
  await show(UploadArea, { collection: 'shelf' });
  expect(document.body.textContent).not.toContain('a.pdf');
  for (const upload of uploads.all) if (upload.state === 'sending') upload.state = 'failed';
  uploads.add([file('own.pdf')], 'shelf', whenever);
  expect(sent()).toEqual(['a.pdf', 'b.pdf', 'own.pdf']);
});

it('goes on with what waited when its owner is back', async () => {
  uploads.add(['a.pdf', 'b.pdf', 'c.pdf'].map(file), 'shelf', whenever);
  session.person = null;
  for (const upload of uploads.all) if (upload.state === 'sending') upload.state = 'failed';
  uploads.goOn();
  expect(sent()).toEqual(['a.pdf', 'b.pdf']);
  signIn('ada');
  await show(UploadArea, { collection: 'shelf' });
  expect(sent()).toEqual(['a.pdf', 'b.pdf', 'c.pdf']);
  await leave();
});

it("lets sentences touch that are Chinese, of a file in an archive that was not taken", async () => {
  await i18n.use('zh-hans');
  const refusal = { code: 'too_large', message: '文件太大。', next_step: '请分成几份。', filename: 'big.pdf' };
  const outcome: UploadOutcome = { documents: [], refused: [refusal] };
  vi.mocked(uploadFile).mockResolvedValue(outcome);
  uploads.add([file('a.zip')], 'shelf', whenever);
  await show(UploadArea, { collection: 'shelf' });
  expect(document.querySelector('.refused .reason')?.textContent).toBe('文件太大。请分成几份。');
});
