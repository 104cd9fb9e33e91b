import { afterEach, expect, it } from 'vitest';
import { runOf } from '../../tests/sourceRun';
import { intake as en } from '../i18n/intake.en';
import { i18n } from '../i18n/i18n.svelte';
import { troubleOf } from './run';

afterEach(() => i18n.use('en'));

it('tells what went wrong and the next step, as sentences stand in the language', async () => {
  const problem = { code: 'away', message: 'It does not answer.', next_step: 'Look at its address.' };
  expect(troubleOf(runOf({ problem }), en)).toBe('It does not answer. Look at its address.');
  await i18n.use('zh-hans');
  const told = { code: 'away', message: '它没有回应。', next_step: '请检查地址。' };
  expect(troubleOf(runOf({ problem: told }), en)).toBe('它没有回应。请检查地址。');
});
