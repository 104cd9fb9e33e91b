import { expect, it } from 'vitest';
import { spaced } from './spaced';

it.each([
  ['Engineering', '已对 Engineering 关闭'],
  ['法务部', '已对法务部关闭'],
  ['2号楼', '已对 2号楼关闭'],
  ['“Staff”', '已对“Staff”关闭'],
])('a blank stands beside Latin letters and digits alone: %s', (name, sentence) => {
  expect(spaced`已对${name}关闭`).toBe(sentence);
});

it('no blank is added to one that is there, or to a mark', () => {
  expect(spaced`${'Ingrid'}于 ${'10:30'} 删除，${'Ann'}。`).toBe('Ingrid 于 10:30 删除，Ann。');
});
