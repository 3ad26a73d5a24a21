/**
 * Seconds before each attempt, counted from the one before it: the schedule of the Standard Webhooks specification 1.0.0
 * (Deliverability and reliability).
 */
export const RETRY_SCHEDULE: readonly number[] = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** An endpoint that asks for patience is granted a day at most. */
const LONGEST_WAIT_SECONDS = 86_400;

/** Retries are spread over this part of their delay, so that what failed together does not come back together. */
const JITTER = 0.1;

/**
 * Milliseconds from a failed attempt to the next one; null: there is none any more.
 * @param failures how many attempts have failed, that one included
 * @param retryAfterSeconds what the endpoint asked for (RFC 9110, section 10.2.3); null: nothing
 * @param random from 0 to 1
 */
export function retryDelayMs(failures: number, retryAfterSeconds: number | null, random: number): number | null {
  const scheduled = RETRY_SCHEDULE[failures];
  if (scheduled === undefined) return null;
  const asked = Math.min(retryAfterSeconds ?? 0, LONGEST_WAIT_SECONDS);
  return Math.round(Math.max(scheduled, asked) * 1_000 * (1 + JITTER * random));
}
