// A part of the page in a document of its own, and what a reader does with it.
import { type Component, flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach } from 'vitest';
import { i18n } from '../src/i18n/i18n.svelte';

let mounted: object[] = [];

beforeEach(() => i18n.use('en'));
afterEach(leave);

/** Mounts `part`, and waits for what it asks for first. */
export async function show<Props extends Record<string, unknown>>(part: Component<Props>, props: Props): Promise<void> {
  mounted.push(mount(part, { target: document.body, props }));
  await settle();
}

/** The reader goes elsewhere: nothing is shown any more. */
export async function leave(): Promise<void> {
  const left = mounted;
  mounted = [];
  for (const part of left) await unmount(part);
  document.body.replaceChildren();
}

/** What was answered has come to the page. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    await Promise.resolve();
    flushSync();
  }
}

/** An answer that comes when the test gives it. */
export function later<Answer>(): { answer: Promise<Answer>; give: (answer: Answer) => void } {
  let give: (answer: Answer) => void = () => undefined;
  const answer = new Promise<Answer>((resolve) => (give = resolve));
  return { answer, give };
}

/** The first element that `selector` finds. */
export function element<Kind extends Element>(selector: string, kind: new () => Kind): Kind {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`nothing is found by ${selector}`);
  return found;
}

/** The button of that name. */
export function button(name: string): HTMLButtonElement {
  for (const one of document.querySelectorAll('button')) {
    if ((one.getAttribute('aria-label') ?? one.textContent.trim()) === name) return one;
  }
  throw new Error(`no button is called ${name}`);
}

export async function click(target: HTMLElement): Promise<void> {
  target.click();
  await settle();
}

export async function write(field: HTMLInputElement | HTMLTextAreaElement, text: string): Promise<void> {
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await settle();
}

/** Tells whether the key did something there, and so has to do nothing elsewhere. */
export async function press(target: HTMLElement, key: string, more: KeyboardEventInit = {}): Promise<boolean> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  await settle();
  return event.defaultPrevented;
}

export async function submit(): Promise<void> {
  element('form', HTMLFormElement).dispatchEvent(new Event('submit', { cancelable: true }));
  await settle();
}
