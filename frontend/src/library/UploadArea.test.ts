import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { button, click, leave, settle, show } from '../../tests/mounted';
import { i18n } from '../i18n/i18n.svelte';
import { api } from '../protocol/api';
import { ApiError } from '../protocol/request';
import type { Session, UploadOutcome } from '../protocol/types';
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

/** What a file gives whose bytes are asked for; jsdom has no such thing. */
const bytes = (given: Promise<ArrayBuffer>): Blob => ({ arrayBuffer: () => given }) as Blob;

beforeEach(() => {
  vi.spyOn(Blob.prototype, 'slice').mockReturnValue(bytes(Promise.resolve(new ArrayBuffer(1))));
  vi.mocked(uploadFile).mockReset().mockReturnValue(new Promise(() => undefined));
  signIn('ada');
});
afterEach(() => {
  vi.useRealTimers();
  uploads.all = [];
  uploads.isAway = false;
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

const away = new ApiError(0, { code: 'offline', message: '', next_step: '' });
const words = (): string[] => [...document.querySelectorAll('li > .word')].map(({ textContent }) => textContent);
const problems = (): string[] => [...document.querySelectorAll('li > .reason')].map(({ textContent }) => textContent);
const received = { documents: [], refused: [] } satisfies UploadOutcome;

const told = (expected: string[]): Promise<void> =>
  vi.waitFor(async () => {
    await settle();
    expect(words()).toEqual(expected);
  });

async function comesBack(): Promise<void> {
  window.dispatchEvent(new Event('online'));
  await settle();
}

it.each([
  ['en', 'Waits for the network', 'Received'],
  ['zh-hans', '等待网络恢复', '已接收'],
] as const)('waits while there is no network, and sends everything when it is back: %s', async (language, waits, done) => {
  await i18n.use(language);
  const asked = vi.spyOn(api, 'session').mockRejectedValue(away);
  vi.mocked(uploadFile).mockRejectedValue(away);
  await show(UploadArea, { collection: 'shelf' });
  uploads.add(['a.pdf', 'b.pdf', 'c.pdf'].map(file), 'shelf', whenever);
  await told([waits, waits, waits]);
  expect(sent()).toEqual(['a.pdf', 'b.pdf']);
  await comesBack();
  expect(sent(), 'the browser was wrong').toHaveLength(2);
  asked.mockResolvedValue({} as Session);
  vi.mocked(uploadFile).mockResolvedValue(received);
  await comesBack();
  await told([done, done, done]);
  expect(sent()).toEqual(['a.pdf', 'b.pdf', 'a.pdf', 'b.pdf', 'c.pdf']);
});

it('looks for the server again by itself, later and later, and not before half a minute has passed at the most', async () => {
  const looks: number[] = [];
  vi.spyOn(api, 'session').mockImplementation(() => {
    looks.push(Date.now());
    return looks.length < 12 ? Promise.reject(away) : Promise.resolve({} as Session);
  });
  vi.mocked(uploadFile).mockRejectedValueOnce(away).mockResolvedValue(received);
  vi.spyOn(Math, 'random').mockReturnValue(1);
  vi.useFakeTimers();
  uploads.add([file('a.pdf')], 'shelf', whenever);
  await vi.advanceTimersByTimeAsync(300_000);
  const pauses = looks.slice(1).map((time, index) => time - (looks[index] ?? 0));
  expect(pauses).toEqual([...pauses].sort((one, other) => one - other));
  expect([(pauses[0] ?? 0) < 5000, (pauses.at(-1) ?? 0) <= 30_000, looks.length]).toEqual([true, true, 12]);
  expect(uploads.all.map(({ state }) => state)).toEqual(['done']);
});

it('goes on without a file that was taken away meanwhile, and says so', async () => {
  const lost = file('a.pdf');
  vi.spyOn(lost, 'slice').mockReturnValue(bytes(Promise.reject(new DOMException('', 'NotReadableError'))));
  vi.mocked(uploadFile).mockImplementation((_, __, { name }) => (name === 'a.pdf' ? Promise.reject(away) : Promise.resolve(received)));
  await show(UploadArea, { collection: 'shelf' });
  uploads.add([lost, file('b.pdf'), file('c.pdf')], 'shelf', whenever);
  await told(['Not received', 'Received', 'Received']);
  expect(problems()[0]).toContain('Could not be read and was not uploaded: a.pdf.');
});

it('gives up a file that never arrives though the server answers, and sends what comes after it', async () => {
  vi.spyOn(api, 'session').mockResolvedValue({} as Session);
  vi.mocked(uploadFile).mockImplementation((_, __, { name }) => (name === 'a.pdf' ? Promise.reject(away) : Promise.resolve(received)));
  await show(UploadArea, { collection: 'shelf' });
  uploads.add(['a.pdf', 'b.pdf'].map(file), 'shelf', whenever);
  await vi.waitFor(async () => {
    await comesBack();
    expect(words()).toEqual(['Not received', 'Received']);
  });
  expect(sent().filter((name) => name === 'a.pdf')).toHaveLength(3);
  expect(problems()).toEqual([i18n.t.errors.offline]);
});

it.each([
  ['en', 'Try all 2 again'],
  ['zh-hans', '全部重试（2 个）'],
] as const)('tries all again that may end otherwise, and nothing that is known or refused: %s', async (language, name) => {
  await i18n.use(language);
  const refusing = (status: number, code: string): ApiError => new ApiError(status, { code, message: code, next_step: '' });
  const answers = [refusing(500, 'broken'), refusing(503, 'full'), refusing(409, 'already_there'), refusing(422, 'damaged')];
  for (const answer of answers) vi.mocked(uploadFile).mockRejectedValueOnce(answer);
  await show(UploadArea, { collection: 'shelf' });
  uploads.add(['a.pdf', 'b.pdf', 'c.pdf', 'd.pdf'].map(file), 'shelf', whenever);
  await vi.waitFor(() => expect(uploads.all.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed', 'failed']));
  await settle();
  await click(button(name));
  expect(sent().slice(4)).toEqual(['a.pdf', 'b.pdf']);
  expect(document.body.textContent).not.toContain(name);
});

it.each([
  ['en', 'Cancel upload of c.pdf'],
  ['zh-hans', '取消上传c.pdf'],
] as const)('takes out what is not sent yet: %s', async (language, name) => {
  await i18n.use(language);
  const sending: (() => void)[] = [];
  vi.mocked(uploadFile).mockImplementation(() => new Promise((resolve) => sending.push(() => resolve(received))));
  await show(UploadArea, { collection: 'shelf' });
  uploads.add(['a.pdf', 'b.pdf', 'c.pdf', 'd.pdf'].map(file), 'shelf', whenever);
  await settle();
  await click(button(name));
  sending.forEach((arrive) => arrive());
  await settle();
  expect(sent()).toEqual(['a.pdf', 'b.pdf', 'd.pdf']);
  expect(document.body.textContent).not.toContain('c.pdf');
});

it('asks before the page is left while a file waits or is sent, and at no other time', async () => {
  const asks = (): boolean => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  expect(asks()).toBe(false);
  vi.mocked(uploadFile).mockImplementationOnce(() => Promise.resolve(received));
  uploads.add([file('a.pdf')], 'shelf', whenever);
  expect(asks()).toBe(true);
  await settle();
  expect(asks()).toBe(false);
});
