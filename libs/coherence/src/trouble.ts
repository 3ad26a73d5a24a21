import type { Log } from '#libs/observability';

/** At most one line in so many milliseconds: while a server is away, every renewal fails. */
const TELL_INTERVAL_MS = 5_000;

/** Writes down what went wrong with the log, now and then. */
export function troubleOf(log: Log, what: string): (error: unknown) => void {
  let lastAt = -Infinity;
  let untold = 0;
  return (err) => {
    const now = performance.now();
    if (now - lastAt < TELL_INTERVAL_MS) {
      untold += 1;
      return;
    }
    log.warn({ err, untold }, what);
    lastAt = now;
    untold = 0;
  };
}
