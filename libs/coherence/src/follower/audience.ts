import type { Road } from '#libs/key-domain';

/** Whoever else answers from memory on a member's word: the guards. */
export interface Audience {
  /** Changes that were told by that road and that somebody may still answer without. */
  unconfirmed(road: Road): readonly number[];
  /** Whether nobody may answer any more on a word that was given before everything was forgotten. */
  isSilent(): boolean;
  /** How many of them may let requests in without a verdict while no verifier can be reached, whatever is confirmed. */
  staleGuards(): number;
  /** Calls back whenever one of the first two may have come nearer to nothing, or the third has changed. */
  onConfirmed(listener: () => void): void;
}

/** A verifier without guards. */
export const NO_AUDIENCE: Audience = {
  unconfirmed: () => [],
  isSilent: () => true,
  staleGuards: () => 0,
  onConfirmed: () => undefined,
};
