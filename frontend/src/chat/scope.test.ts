import { expect, test } from 'vitest';
import { addressIn, everything, isEverything, knownDay, queryOfScope, scopeOfQuery, scopeOfWire, toggled, wireOfScope } from './scope';

const chosen = {
  collections: ['0a1b2c3d-0000-4000-8000-000000000001', '0a1b2c3d-0000-4000-8000-000000000002'],
  documents: ['0a1b2c3d-0000-4000-8000-000000000003'],
  kinds: ['pdf' as const, 'mail' as const],
  languages: ['zh' as const],
  since: '2026-01-01',
  until: '2026-12-31',
};

test('an address gives back what it was made of', () => {
  expect(scopeOfQuery(new URLSearchParams(queryOfScope(chosen)))).toEqual(chosen);
  expect(scopeOfWire(wireOfScope(chosen))).toEqual(chosen);
  expect(scopeOfQuery(new URLSearchParams())).toEqual(everything);
});

test('an address says what is asked and where, and nothing that narrows nothing', () => {
  expect(addressIn(everything, '/search', { q: 'a & b' })).toBe('/search?q=a+%26+b');
  const [path, query] = addressIn(chosen, '/', { q: 'why?' }).split('?');
  expect([path, new URLSearchParams(query).get('q')]).toEqual(['/', 'why?']);
  expect(scopeOfQuery(new URLSearchParams(query))).toEqual(chosen);
});

test('what nobody can choose is left out of an address', () => {
  const query = new URLSearchParams({ kind: 'exe,pdf', lang: 'xx', since: 'yesterday', until: '2026-1-1' });
  expect(scopeOfQuery(query)).toEqual({ ...everything, kinds: ['pdf'] });
  const damaged = new URLSearchParams({ in: 'abc', doc: '0a1b2c3d-0000', since: '2026-02-30', until: '20255-01-01' });
  expect(scopeOfQuery(damaged)).toEqual(everything);
});

test.each([
  ['2026-02-28', '2026-02-28'],
  ['2026-02-30', ''],
  ['2026-13-01', ''],
  ['20255-01-01', ''],
  ['0020-01-01', ''],
  ['', ''],
])('%s is the day %s', (said, day) => {
  expect(knownDay(said)).toBe(day);
});

test('each field by itself narrows', () => {
  expect(isEverything(everything)).toBe(true);
  for (const [name, value] of Object.entries(chosen)) expect(isEverything({ ...everything, [name]: value })).toBe(false);
  expect(toggled(['a'], 'b')).toEqual(['a', 'b']);
  expect(toggled(['a', 'b'], 'a')).toEqual(['b']);
});
