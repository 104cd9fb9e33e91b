// The style page shows every shared part: a new one that is not on it is not there to be found.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ui = join(import.meta.dirname, '../ui');
const page = ['Parts', 'StylePage'].map((name) => readFileSync(join(import.meta.dirname, `${name}.svelte`), 'utf8')).join('');
// Inside other parts: the bar below every page, what shows that something loads, and what is heard alone.
const within: Record<string, RegExp> = { UndoBar: /undo\.offer/, spinner: /<Loading/, 'sr-only': /<Menu/ };

it.each(readdirSync(ui).flatMap((name) => /^(\w+)\.svelte$/.exec(name)?.[1] ?? []))('%s is on the style page', (part) => {
  expect(page).toMatch(within[part] ?? new RegExp(`<${part}[\\s/>]`));
});

const classes = new Set([...readFileSync(join(ui, 'base.css'), 'utf8').matchAll(/^\.([a-z-]+)/gm)].map(([, name]) => name ?? ''));

it.each([...classes])('class %s is on the style page', (name) => {
  expect(page).toMatch(within[name] ?? new RegExp(`class="[^"]*\\b${name}(?![-\\w])`));
});
