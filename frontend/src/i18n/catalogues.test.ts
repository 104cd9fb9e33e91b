import { expect, it } from 'vitest';
import { en } from './en';
import { zh } from './zh';

type Messages = { [key: string]: string | ((...values: never[]) => string) | Messages };

function flat(messages: Messages, path = ''): [string, string | ((...values: never[]) => string)][] {
  return Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'object' ? flat(value, `${path}${key}.`) : [[`${path}${key}`, value] as [string, typeof value]],
  );
}

/** Every file of a language by its name, so that none is left out: also what comes with a page of its own. */
const named = (files: Record<string, Messages>): Messages =>
  Object.fromEntries(Object.entries(files).map(([path, messages]) => [path.replace(/\.\w+\.ts$/, ''), messages]));

const english = new Map(flat({ ...en, ...named(import.meta.glob<Messages>('./*.en.ts', { eager: true })) }));
const chinese = new Map(flat({ ...zh, ...named(import.meta.glob<Messages>('./*.zh.ts', { eager: true })) }));

it('both catalogues hold the same keys, also where the type allows any', () => {
  expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
});

it('nothing is left untranslated or empty', () => {
  for (const [key, value] of chinese) {
    if (typeof value !== 'string') continue;
    expect(value, key).not.toBe('');
    expect(value, key).not.toBe(english.get(key));
  }
});

it('messages with values take as many in both languages', () => {
  for (const [key, value] of chinese) {
    const other = english.get(key);
    if (typeof value === 'function' && typeof other === 'function') {
      expect(value.length, key).toBe(other.length);
    }
  }
});
