import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until the answer is the wanted one; what it was instead, if it never is. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, withinMs = 10_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer) || performance.now() > deadline) return answer;
    await sleep(50);
  }
}
