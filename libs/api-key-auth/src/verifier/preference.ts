/** So many more questions than another verifier's may wait at the preferred one. */
export const TOLERATED_LOAD = 64;

/** A verifier among several. */
export interface Candidate {
  readonly name: string;
  /** Questions that wait for its answer. */
  readonly load: number;
}

/**
 * Which verifier a token is asked of. Every guard prefers the same one (rendezvous hashing, by the verifiers' names), so
 * that each verifier remembers its share of the tokens and not all of them, and is the only one to tell of a key's
 * changes; where one is away, only its tokens move. A verifier that falls behind is relieved all the same.
 */
export function preferred<Verifier extends Candidate>(tokenName: string, among: readonly Verifier[]): Verifier | null {
  let best: Verifier | null = null;
  let highest = -1;
  let leastBusy: Verifier | null = null;
  for (const verifier of among) {
    const score = scoreOf(tokenName, verifier.name);
    if (score > highest) [best, highest] = [verifier, score];
    if (leastBusy === null || verifier.load < leastBusy.load) leastBusy = verifier;
  }
  if (best === null || leastBusy === null) return null;
  return best.load - leastBusy.load > TOLERATED_LOAD ? leastBusy : best;
}

/** FNV-1a over both, ended by the finalizer of MurmurHash3: the token's part is random already. */
function scoreOf(tokenName: string, verifierName: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < 8; index++) hash = Math.imul(hash ^ tokenName.charCodeAt(index), 0x01000193);
  for (let index = 0; index < verifierName.length; index++) hash = Math.imul(hash ^ verifierName.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
