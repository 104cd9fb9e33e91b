import { expect, it } from 'vitest';
import { type ShortcutAction, shortcutOf } from './shortcuts.svelte';

const alt = { altKey: true };
const command = { ctrlKey: true };

it.each<[string, string, KeyboardEventInit, ShortcutAction | null]>([
  ['button', 'ArrowDown', alt, 'nextChat'],
  ['button', 'ArrowUp', alt, 'previousChat'],
  // It opens the list.
  ['select', 'ArrowDown', alt, null],
  ['textarea', 'ArrowUp', alt, null],
  ['input', 'ArrowDown', alt, null],
  ['textarea', 'k', command, 'find'],
  ['button', '?', {}, 'list'],
  ['textarea', '?', {}, null],
  ['button', '/', {}, 'focus'],
  ['button', '/', alt, null],
  ['button', 'ArrowDown', { ...alt, shiftKey: true }, null],
])('on a %s, %s %o asks for %s', (tag, key, held, action) => {
  const target = document.body.appendChild(document.createElement(tag));
  let asked: ShortcutAction | null = null;
  target.addEventListener('keydown', (event) => (asked = shortcutOf(event)));
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...held }));
  expect(asked).toBe(action);
  target.remove();
});
