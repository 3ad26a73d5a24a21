import type { ChangeTold, Duration, TokenRules as ToldRules } from '#libs/contract';
import { BODY_ENCODINGS, type BodyEncoding, type ChangeScope, type LoggedChange, type TokenRules } from '#libs/key-domain';

/** What is told of every change before that is acknowledged, and of every sign of life. */
export interface HeedingMemory {
  forget(change: LoggedChange): void;
  /** A verifier that can judge has just been heard: what no session vouches for at this moment is never to be used again. */
  heard(): void;
}

/** What a told change touches. A scope that is not known here may be anything: everything. */
export function scopeOf({ scope }: ChangeTold, accountId: string): ChangeScope {
  switch (scope?.$case) {
    case 'keyId':
      return { kind: 'key', accountId, keyId: scope.value };
    case 'accountId':
      return { kind: 'account', accountId: scope.value };
    default:
      return { kind: 'all' };
  }
}

/** Null: there is a format that is not known here, so that nothing can be said of any text. */
export function rulesOf({ formats, holdsImported }: ToldRules): TokenRules | null {
  const known = formats.flatMap(({ prefix, environments, encoding }) =>
    isEncoding(encoding) ? [{ name: prefix, prefix, environments, encoding }] : [],
  );
  return known.length === formats.length ? { formats: known, holdsImported } : null;
}

function isEncoding(text: string): text is BodyEncoding {
  return (BODY_ENCODINGS as readonly string[]).includes(text);
}

/** Milliseconds; 0 for none, and for what is no time to come. */
export function millisecondsOf(duration: Duration | undefined): number {
  if (duration === undefined) return 0;
  const ms = duration.seconds * 1000 + duration.nanos / 1_000_000;
  return ms > 0 && Number.isFinite(ms) ? ms : 0;
}

export function durationOf(ms: number): Duration {
  return { seconds: Math.floor(ms / 1000), nanos: Math.floor((ms % 1000) * 1_000_000) };
}
