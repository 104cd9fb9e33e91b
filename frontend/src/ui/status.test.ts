import { expect, it } from 'vitest';
import { status } from './status.svelte';

it('says the same words twice as other text, which is read aloud again', () => {
  const heard = [1, 2, 3].map(() => {
    status.say('20 passages');
    return status.text;
  });
  expect(new Set([heard[0], heard[1]]).size).toBe(2);
  expect(heard[2]).not.toBe(heard[1]);
  expect(heard.map((text) => text.trim())).toEqual(['20 passages', '20 passages', '20 passages']);
});
