// How long to wait before the next attempt: doubling to a ceiling, with jitter so that a restarted server is not
// stormed by everyone at once.
const firstSeconds = 0.5;
const ceilingSeconds = 15;

export function backoffSeconds(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(ceilingSeconds, firstSeconds * 2 ** attempt);
  return full / 2 + (full / 2) * random();
}
