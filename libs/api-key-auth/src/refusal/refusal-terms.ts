import { ApiKeyOptionsError } from '../options-error.js';

/** How often a client address may be refused for want of a good token. */
export interface RefusalTerms {
  /** Requests without a good token that are answered with a 401 in a window; what comes after them is answered with a 429. */
  readonly limit: number;
  /** Seconds; a window begins with the first refusal in it. */
  readonly windowSeconds: number;
}

const MOST_REFUSALS = 1_000_000;
/** A day. */
const LONGEST_WINDOW_SECONDS = 86_400;

/** What the option `refusalsPerAddress` says; null: nothing is counted. @throws ApiKeyOptionsError */
export function refusalTerms(option: RefusalTerms | false | undefined): RefusalTerms | null {
  if (option === false || option === undefined) return null;
  const { limit, windowSeconds } = option;
  assertWhole('limit', limit, MOST_REFUSALS);
  assertWhole('windowSeconds', windowSeconds, LONGEST_WINDOW_SECONDS);
  return { limit, windowSeconds };
}

function assertWhole(name: keyof RefusalTerms, value: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return;
  throw new ApiKeyOptionsError(`refusalsPerAddress.${name} takes a whole number from 1 to ${most}, not ${String(value)}`);
}
