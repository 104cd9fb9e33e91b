import { expect, it } from 'vitest';
import { kindOf } from './tokens';

it.each([
  ['--paper', 'light-dark(#fff, #000)', 'colours'],
  ['--size-small', '0.8rem', 'type'],
  ['--space-1', '0.25rem', 'spacing'],
  ['--radius', '10px', 'corners'],
  ['--shadow-low', '0 1px 2px light-dark(#fff, #000)', 'shadows'],
  ['--motion', '140ms', 'other'],
])('%s is one of %s', (name, value, kind) => expect(kindOf(name, value)).toBe(kind));
