// Copying, also where the page comes by plain http: browsers give it no clipboard then, but the old command.
import { i18n } from '../i18n/i18n.svelte';
import { status } from './status.svelte';

/** Copies `text`, and says `told`, or what to do where the browser forbids it. */
export async function copyText(text: string, told: string): Promise<void> {
  status.show((await isWritten(text)) ? told : i18n.t.app.notCopied);
}

async function isWritten(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return isCopiedByCommand(text);
  }
}

function isCopiedByCommand(text: string): boolean {
  const { activeElement } = document;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'sr-only';
  // Beside an open dialog nothing can be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.focus();
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other over plain http
  const isCopied = document.execCommand('copy');
  field.remove();
  if (activeElement instanceof HTMLElement) activeElement.focus();
  return isCopied;
}
