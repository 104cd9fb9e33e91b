import { beforeEach, expect, it, vi } from 'vitest';
import { click, element, settle, show, write } from '../../tests/mounted';
import type { DocumentRow } from '../protocol/types';
import DocumentTable from './DocumentTable.svelte';

const row = (number: number): DocumentRow => {
  const days = { effective_from: '2025-01-01', updated_at: '2025-01-01T00:00:00Z', expires_on: null };
  const shown = { id: `${number}`, title: `Page ${number}`, filename: `${number}.pdf`, uploaded_by: '', state: 'ready' };
  return { ...days, ...shown, flags: [] } as unknown as DocumentRow;
};
const rows = Array.from({ length: 250 }, (_, index) => row(index + 1));
const drawn = (): number => document.querySelectorAll('tbody tr').length;

/** What is told when the end comes near. */
let near: () => void;

beforeEach(() => {
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(tell: (entries: { isIntersecting: boolean }[]) => void) {
        near = () => tell([{ isIntersecting: true }]);
      }
      observe(): void {}
      disconnect(): void {}
    },
  );
});

it('draws a part of many rows, more where the end comes near, and tells how many there are', async () => {
  await show(DocumentTable, { rows, loaded: true });
  expect([drawn(), element('table', HTMLElement).getAttribute('aria-rowcount')]).toEqual([100, '251']);
  expect(element('[role=status]', HTMLElement).textContent.trim()).toBe('250 documents');
  near();
  await settle();
  expect(drawn()).toBe(200);
  near();
  await settle();
  expect([drawn(), document.querySelector('.end')]).toEqual([250, null]);
  expect(element('tbody tr:last-child', HTMLElement).getAttribute('aria-rowindex')).toBe('251');
});

it('draws more for whoever comes to its end by the keyboard, and keeps his place', async () => {
  await show(DocumentTable, { rows, loaded: true });
  const [first, last] = [element('tbody a', HTMLElement), element('tbody tr:last-child a', HTMLElement)];
  first.focus();
  await settle();
  expect(drawn()).toBe(100);
  last.focus();
  await settle();
  expect([drawn(), document.activeElement]).toEqual([200, last]);
});

it('chooses all that the filter shows, also what is not drawn', async () => {
  const chosen: number[] = [];
  const onbulk = (_: string, found: DocumentRow[]): unknown => chosen.push(found.length);
  await show(DocumentTable, { rows, loaded: true, edits: true, onbulk });
  await click(element('thead input', HTMLInputElement));
  expect(element('[role=group] strong', HTMLElement).textContent).toBe('250 documents chosen');
  await click(element('[role=group] button', HTMLElement));
  await write(element('[type=search]', HTMLInputElement), '1.pdf');
  await click(element('[role=group] button', HTMLElement));
  expect(chosen).toEqual([250, 25]);
});

it('says of a version that takes effect later from when on it answers, and that another does until then', async () => {
  const later = { ...row(1), effective_from: '2999-12-01' };
  await show(DocumentTable, { rows: [{ ...later, versions: 2 }, { ...row(2), versions: 2 }], loaded: true, edits: true });
  expect([...document.querySelectorAll('.flag')].map((flag) => flag.textContent)).toEqual([
    'From Dec 1, 2999; until then the version in force answers',
  ]);
});

it('says to readers only from when on it answers: nothing does until then', async () => {
  const later = { ...row(1), effective_from: '2999-12-01', versions: 2 };
  await show(DocumentTable, { rows: [later], loaded: true });
  expect(element('.flag', HTMLElement).textContent).toBe('Answers from Dec 1, 2999 on');
});
