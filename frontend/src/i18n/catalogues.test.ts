import { expect, it } from 'vitest';
import { en } from './en';
import { intake as intakeEn } from './intake.en';
import { intake as intakeZh } from './intake.zh';
import { preview as previewEn } from './preview.en';
import { preview as previewZh } from './preview.zh';
import { schedule as scheduleEn } from './schedule.en';
import { schedule as scheduleZh } from './schedule.zh';
import { style as styleEn } from './style.en';
import { style as styleZh } from './style.zh';
import { system as systemEn } from './system.en';
import { system as systemZh } from './system.zh';
import { upkeep as upkeepEn } from './upkeep.en';
import { upkeep as upkeepZh } from './upkeep.zh';
import { zh } from './zh';

type Messages = { [key: string]: string | ((...values: never[]) => string) | Messages };

function flat(messages: Messages, path = ''): [string, string | ((...values: never[]) => string)][] {
  return Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'object' ? flat(value, `${path}${key}.`) : [[`${path}${key}`, value] as [string, typeof value]],
  );
}

const english = new Map(
  flat({
    ...en,
    ...{ intake: intakeEn, preview: previewEn, schedule: scheduleEn, style: styleEn, system: systemEn, upkeep: upkeepEn },
  }),
);
const chinese = new Map(
  flat({
    ...zh,
    ...{ intake: intakeZh, preview: previewZh, schedule: scheduleZh, style: styleZh, system: systemZh, upkeep: upkeepZh },
  }),
);

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
