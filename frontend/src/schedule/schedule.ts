// Presets of schedules as cron expressions, and back.
export type Preset = 'hourly' | 'daily' | 'workdays' | 'weekly' | 'monthly' | 'cron' | 'never';

export interface Chosen {
  preset: Preset;
  /** HH:MM on the clock. */
  at: string;
  /** 0 is Sunday. */
  weekday: number;
  monthday: number;
  cron: string;
}

export const presets: Preset[] = ['hourly', 'daily', 'workdays', 'weekly', 'monthly', 'cron', 'never'];

/** "" for none. */
export function expressionOf({ preset, at, weekday, monthday, cron }: Chosen): string {
  const [hour = 0, minute = 0] = at.split(':').map(Number);
  const time = `${minute} ${hour}`;
  switch (preset) {
    case 'hourly':
      return `${minute} * * * *`;
    case 'daily':
      return `${time} * * *`;
    case 'workdays':
      return `${time} * * 1-5`;
    case 'weekly':
      return `${time} * * ${weekday}`;
    case 'monthly':
      return `${time} ${monthday} * *`;
    case 'cron':
      return cron.trim();
    case 'never':
      return '';
  }
}

export function chosenFrom(expression: string | null): Chosen {
  const chosen: Chosen = { preset: 'daily', at: '02:00', weekday: 1, monthday: 1, cron: expression ?? '' };
  if (expression === null) return chosen;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = expression.split(' ');
  const isTime = /^\d+$/.test(minute) && /^(\d+|\*)$/.test(hour) && month === '*';
  if (!isTime) return { ...chosen, preset: 'cron' };
  const at = `${(hour === '*' ? '0' : hour).padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (hour === '*') return day === '*' && weekday === '*' ? { ...chosen, preset: 'hourly', at } : { ...chosen, preset: 'cron' };
  if (day === '*' && weekday === '*') return { ...chosen, preset: 'daily', at };
  if (day === '*' && weekday === '1-5') return { ...chosen, preset: 'workdays', at };
  if (day === '*' && /^[0-6]$/.test(weekday)) return { ...chosen, preset: 'weekly', at, weekday: Number(weekday) };
  if (weekday === '*' && /^\d+$/.test(day)) return { ...chosen, preset: 'monthly', at, monthday: Number(day) };
  return { ...chosen, preset: 'cron' };
}

export const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** All that the browser knows, with these among them. */
export function zones(...also: string[]): string[] {
  return [...new Set([...also, 'UTC', ...Intl.supportedValuesOf('timeZone')])].sort();
}
