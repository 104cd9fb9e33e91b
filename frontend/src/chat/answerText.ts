// What shows Markdown: it comes while the server searches, not with an empty page, and once there is a network.
import type AnswerText from './AnswerText.svelte';

const retryAfter = 2000;

/** Until it is there. */
export async function answerText(): Promise<typeof AnswerText> {
  for (;;) {
    await network();
    try {
      return (await import('./AnswerText.svelte')).default;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, retryAfter));
    }
  }
}

async function network(): Promise<void> {
  if (navigator.onLine) return;
  await new Promise((resolve) => addEventListener('online', resolve, { once: true }));
}
