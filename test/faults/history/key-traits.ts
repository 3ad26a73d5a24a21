/** What a verdict on a key depends on, as far as the run changes it. */
export interface KeyTraits {
  readonly deleted: boolean;
  readonly revoked: boolean;
  readonly enabled: boolean;
  /** Whether it grants the scope that every verification asks for. */
  readonly scoped: boolean;
  /** Milliseconds since the Unix epoch; null: never. */
  readonly expiresAt: number | null;
}

export type Trait = keyof KeyTraits;
export const TRAITS: readonly Trait[] = ['deleted', 'revoked', 'enabled', 'scoped', 'expiresAt'];

export const NEW_KEY: KeyTraits = { deleted: false, revoked: false, enabled: true, scoped: true, expiresAt: null };

/** The verdicts that this run can bring about, as the contract names them. */
export type Verdict = 'VALID' | 'NOT_FOUND' | 'REVOKED' | 'EXPIRED' | 'DISABLED' | 'INSUFFICIENT_SCOPE';

/** A verification's span on the clock by which keys expire, in milliseconds since the Unix epoch. */
export interface WallSpan {
  readonly sent: number;
  readonly answered: number;
}

/** A verifier judges by Postgres' clock as late as it may be: an exchange of a second, and a hundredth of a lease. */
const EARLY_MS = 1_500;
/** Two clocks are read here, one after the other. */
const LATE_MS = 50;

/** The verdicts that a key with these traits may have been given, in the contract's order of checks. */
export function verdictsOf(traits: KeyTraits, span: WallSpan): readonly Verdict[] {
  if (traits.deleted) return ['NOT_FOUND'];
  if (traits.revoked) return ['REVOKED'];
  const { expiresAt } = traits;
  const mayHaveEnded = expiresAt !== null && span.answered + EARLY_MS >= expiresAt;
  const mayHaveLasted = expiresAt === null || span.sent < expiresAt + LATE_MS;
  return [...(mayHaveEnded ? ['EXPIRED' as const] : []), ...(mayHaveLasted ? [verdictWhileItLasts(traits)] : [])];
}

function verdictWhileItLasts({ enabled, scoped }: KeyTraits): Verdict {
  if (!enabled) return 'DISABLED';
  return scoped ? 'VALID' : 'INSUFFICIENT_SCOPE';
}
