import type { Verdict } from '../history/key-traits.js';

/** What came back for one token. */
export type TargetAnswer =
  /** Any one of these is meant: a guard does not tell every verdict from every other. */
  | { readonly kind: 'verdict'; readonly verdicts: readonly Verdict[] }
  /** It says that it can't answer now. */
  | { readonly kind: 'unavailable' }
  /** Nothing came: the connection was lost, or the time was up. */
  | { readonly kind: 'lost' }
  /** What no outage excuses. */
  | { readonly kind: 'unexpected'; readonly what: string };

/** Whoever can be asked about a token: a verifier, or a service behind a guard. */
export interface Target {
  readonly name: string;
  ask(token: string): Promise<TargetAnswer>;
  close(): void;
}

/** What every question requires, and what changes take away and give back. */
export const SCOPE = 'garments:read';

/** Longer than any process is stopped for: what waited in its sockets meanwhile is answered, and judged. */
export const ANSWER_LIMIT_MS = 10_000;
