// A new chat, and in its question field: for whoever comes by the keyboard. A tap on a phone brings up no keyboard.
import { tick } from 'svelte';
import { router } from './router.svelte';

export async function newChat(): Promise<void> {
  router.go('/');
  await tick();
  document.getElementById('question')?.focus();
}
