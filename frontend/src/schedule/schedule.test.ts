import { expect, test } from 'vitest';
import { chosenFrom, expressionOf } from './schedule';

test.each([
  ['15 * * * *', 'hourly'],
  ['0 2 * * *', 'daily'],
  ['30 8 * * 1-5', 'workdays'],
  ['5 23 * * 0', 'weekly'],
  ['0 6 28 * *', 'monthly'],
  ['*/15 * * * *', 'cron'],
  ['0 6 1-7 * 1', 'cron'],
  ['0 6 1 1 *', 'cron'],
  ['5 * 1 * *', 'cron'],
  ['0 2,14 * * *', 'cron'],
])('%s is shown as %s and stays what it is', (expression, preset) => {
  const chosen = chosenFrom(expression);
  expect(chosen.preset).toBe(preset);
  expect(expressionOf(chosen)).toBe(expression);
});

test('without a schedule the first offer is every night', () => {
  expect(expressionOf(chosenFrom(null))).toBe('0 2 * * *');
});
