import type {
  FoundSecret,
  KeyRecord,
  PepperedDigest,
  SecretLookup,
  SecretLookupResult,
  SecretUpkeep,
  SecretUse,
} from '#libs/key-domain';
import { aRecord } from './key-record.fixture.js';

interface Move {
  readonly secretId: string;
  readonly from: PepperedDigest;
  readonly to: PepperedDigest;
}

/** The two ports of stored secrets, in memory: it holds to their contracts and counts what it is asked. */
export class InMemorySecrets implements SecretLookup, SecretUpkeep {
  /** Far from this machine's own clock. */
  now = Date.UTC(2040, 0, 1);
  lookUps = 0;
  digestsAsked = 0;
  outage: Error | null = null;
  upkeepFailure: Error | null = null;
  readonly uses: SecretUse[] = [];
  readonly moves: Move[] = [];
  #secrets: FoundSecret[] = [];

  add(stored: PepperedDigest, fields: Partial<KeyRecord>): void {
    const keyId = fields.keyId ?? `key_${this.#secrets.length}`;
    const own = { keyId, secretId: `sec_${keyId}`, accountId: 'acc_ours', environment: 'live' };
    const record = aRecord({ ...own, ...fields });
    this.#secrets.push({ ...stored, record });
  }

  /** Deletes everything. */
  clear(): void {
    this.#secrets = [];
  }

  find(digests: readonly Uint8Array[]): Promise<SecretLookupResult> {
    this.lookUps += 1;
    this.digestsAsked += digests.length;
    if (this.outage !== null) return Promise.reject(this.outage);
    const asked = new Set(digests.map(hex));
    return Promise.resolve({ found: this.#secrets.filter(({ digest }) => asked.has(hex(digest))), now: this.now });
  }

  recordUses(uses: readonly SecretUse[]): Promise<void> {
    if (this.upkeepFailure !== null) return Promise.reject(this.upkeepFailure);
    this.uses.push(...uses);
    return Promise.resolve();
  }

  moveDigest(secretId: string, from: PepperedDigest, to: PepperedDigest): Promise<void> {
    if (this.upkeepFailure !== null) return Promise.reject(this.upkeepFailure);
    this.moves.push({ secretId, from, to });
    this.#secrets = this.#secrets.map((secret) =>
      hex(secret.digest) === hex(from.digest) ? { ...to, record: secret.record } : secret,
    );
    return Promise.resolve();
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
