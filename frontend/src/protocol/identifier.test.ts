import { expect, it, vi } from 'vitest';
import { newIdentifier } from './identifier';

it('is a UUID of its own each time, also where the browser makes none', () => {
  vi.spyOn(crypto, 'randomUUID').mockImplementation(() => {
    throw new TypeError('crypto.randomUUID is not a function');
  });
  const made = Array.from({ length: 200 }, newIdentifier);
  expect(new Set(made).size).toBe(200);
  for (const one of made) expect(one).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});
