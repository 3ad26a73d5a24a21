import type { KeyRecord } from '#libs/key-domain';
import { LRUCache } from 'lru-cache';

/** Texts that are held once for all records: those of most accounts, scopes and products that are in use. */
const MAX_SHARED = 10_000;
/** Lists of address ranges that are held once, each of 6 KB at most. */
const MAX_SHARED_LISTS = 1_000;

const NO_METADATA: KeyRecord['metadata'] = Object.freeze({});
const NO_TEXTS: readonly string[] = Object.freeze([]);

/** Makes records small: what a driver reads is a text of its own each time, and most keys of an account hold the same ones. */
export class CompactRecords {
  readonly #shared = new LRUCache<string, string>({ max: MAX_SHARED });
  readonly #ranges = new LRUCache<string, readonly string[]>({ max: MAX_SHARED_LISTS });

  /** The same record, in less memory. */
  of(record: KeyRecord): KeyRecord {
    const { products, environment, metadata } = record;
    return {
      keyId: record.keyId,
      secretId: record.secretId,
      accountId: this.#text(record.accountId),
      accountSuspended: record.accountSuspended,
      ownerId: record.ownerId,
      name: record.name,
      environment: environment === null ? null : this.#text(environment),
      scopes: this.#texts(record.scopes),
      products: products === 'all' ? products : this.#texts(products),
      allowedCidrs: this.#rangesOf(record.allowedCidrs),
      metadata: Object.keys(metadata).length === 0 ? NO_METADATA : metadata,
      limits: record.limits,
      enabled: record.enabled,
      revoked: record.revoked,
      expiresAt: record.expiresAt,
    };
  }

  #texts(texts: readonly string[]): readonly string[] {
    return texts.length === 0 ? NO_TEXTS : texts.map((text) => this.#text(text));
  }

  /** A frozen list, the same one for all records that hold it: `decide` reads its ranges once. */
  #rangesOf(texts: readonly string[]): readonly string[] {
    if (texts.length === 0) return NO_TEXTS;
    const name = JSON.stringify(texts);
    const known = this.#ranges.get(name);
    if (known !== undefined) return known;
    const list = Object.freeze([...texts]);
    this.#ranges.set(name, list);
    return list;
  }

  #text(text: string): string {
    const known = this.#shared.get(text);
    if (known !== undefined) return known;
    this.#shared.set(text, text);
    return text;
  }
}
