import { PepperRing, type PepperedDigest, tokenSha256 } from '#libs/key-domain';

/** The peppers of the whole installation. */
export const PEPPERS = new PepperRing([{ id: 'p1', key: Buffer.alloc(32, 1) }]);

/** A key and its one token, whether or not it has been created yet. */
export interface SimKey {
  readonly keyId: string;
  readonly accountId: string;
  readonly token: string;
  readonly sha256: Buffer;
  readonly digest: PepperedDigest;
}

/** An account's keys, those that are yet to be created included, and the one that its services present. */
export interface SimAccount {
  readonly accountId: string;
  readonly service: SimKey;
  readonly keys: readonly SimKey[];
}

const KEYS_AT_MOST = 12;
const made = new Map<string, SimAccount>();

/** The same for every run: what a key is called and looks like says nothing. */
export function simAccount(accountId: string): SimAccount {
  const known = made.get(accountId);
  if (known !== undefined) return known;
  const keys = Array.from({ length: KEYS_AT_MOST }, (_, index) => simKey(`${accountId}-key-${index + 1}`, accountId));
  const account = { accountId, keys, service: simKey(`${accountId}-service`, accountId) };
  made.set(accountId, account);
  return account;
}

function simKey(keyId: string, accountId: string): SimKey {
  const token = `token-of-${keyId}`;
  const sha256 = tokenSha256(token);
  return { keyId, accountId, token, sha256, digest: PEPPERS.digest(sha256) };
}
