import { Hmac } from './hmac.js';

/** A secret of the installation, kept outside the database, without which its digests are useless. */
export interface Pepper {
  readonly id: string;
  /** At least {@link MIN_PEPPER_BYTES} bytes. */
  readonly key: Buffer;
}

/** A stolen database is of no use to whoever can't guess this many bytes. */
export const MIN_PEPPER_BYTES = 32;

/** What a database stores for a token, and which pepper made it. */
export interface PepperedDigest {
  readonly pepperId: string;
  readonly digest: Buffer;
}

/**
 * The peppers of an installation: the current one, under which new digests are made, and retired ones, under
 * which old digests are still found. `digest = HMAC-SHA-256(pepper, SHA-256(token))` (RFC 2104).
 */
export class PepperRing {
  readonly #peppers: readonly ReadyPepper[];
  readonly #current: ReadyPepper;

  /** @param peppers the current one first; ids are unique */
  constructor(peppers: readonly [Pepper, ...Pepper[]]) {
    const [current, ...retired] = peppers;
    this.#current = readyPepper(current);
    this.#peppers = [this.#current, ...retired.map(readyPepper)];
  }

  get current(): Pepper {
    return this.#current;
  }

  get ids(): readonly string[] {
    return this.#peppers.map((pepper) => pepper.id);
  }

  /** The digest to store. */
  digest(sha256: Uint8Array): PepperedDigest {
    return digestWith(this.#current, sha256);
  }

  /** Every digest under which the token may be stored, the current pepper's first. */
  digests(sha256: Uint8Array): readonly PepperedDigest[] {
    return this.#peppers.map((pepper) => digestWith(pepper, sha256));
  }

  /** Tells two values of one pepper id apart without revealing either: stored beside the id at first use. */
  fingerprints(): readonly { readonly id: string; readonly fingerprint: Buffer }[] {
    return this.#peppers.map(({ id, hmac }) => ({
      id,
      fingerprint: hmac.of(Buffer.from('mintmark pepper fingerprint')).subarray(0, 16),
    }));
  }

  /** A value that every process with these peppers derives alike, for a purpose of its own. */
  derive(purpose: string): Buffer {
    return derived(this.#current, purpose);
  }

  /** The value that {@link derive} gave while the pepper of that id was the current one. Null: there is none of that id. */
  deriveUnder(pepperId: string, purpose: string): Buffer | null {
    const pepper = this.#peppers.find(({ id }) => id === pepperId);
    return pepper === undefined ? null : derived(pepper, purpose);
  }
}

interface ReadyPepper extends Pepper {
  readonly hmac: Hmac;
}

function readyPepper({ id, key }: Pepper): ReadyPepper {
  return { id, key, hmac: new Hmac(key) };
}

function derived({ hmac }: ReadyPepper, purpose: string): Buffer {
  return hmac.of(Buffer.from(`mintmark derived: ${purpose}`));
}

function digestWith({ id, hmac }: ReadyPepper, sha256: Uint8Array): PepperedDigest {
  return { pepperId: id, digest: hmac.of(sha256) };
}
