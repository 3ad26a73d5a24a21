import {
  approximateBytes,
  type FollowingMemory,
  type KeyRecord,
  type LoggedChange,
  type RecordFootprint,
  RecordMemory,
  type Remembered,
} from '#libs/key-domain';
import { LRUCache } from 'lru-cache';
import { CompactRecords } from './compact-record.js';

/** How much is remembered at most. */
export interface MemoryBounds {
  /** Secrets that were found. */
  readonly found: number;
  /** Bytes that their records may take, estimated. */
  readonly foundBytes: number;
  /** Tokens that nothing was found for: bounded apart, so that whoever guesses tokens drives out no good one. */
  readonly missing: number;
}

export const DEFAULT_BOUNDS: MemoryBounds = { found: 100_000, foundBytes: 96 * 1024 * 1024, missing: 20_000 };

/** Of a found secret; `npm run bench:cached-key` holds it against the heap. */
export const FOOTPRINT: RecordFootprint = { entry: 600, text: 24, metadata: 3, limits: 200 };

const NO_HANDLES: readonly string[] = [];

/** What a verifier remembers of tokens, the good ones and the unknown ones, each within bounds. */
export class SecretMemory implements FollowingMemory {
  readonly #found: RecordMemory;
  readonly #missing: RecordMemory;
  readonly #compact = new CompactRecords();

  constructor(bounds: MemoryBounds = DEFAULT_BOUNDS) {
    this.#found = new RecordMemory(
      (dispose) =>
        new LRUCache<string, Remembered<undefined>>({
          max: bounds.found,
          maxSize: bounds.foundBytes,
          sizeCalculation: ({ record }) => (record === null ? 1 : approximateBytes(record, FOOTPRINT)),
          dispose,
        }),
    );
    this.#missing = new RecordMemory((dispose) => new LRUCache<string, Remembered<undefined>>({ max: bounds.missing, dispose }));
  }

  /** Entries, the unknown tokens included. */
  get size(): number {
    return this.#found.size + this.#missing.size;
  }

  /** Null: nothing is stored for the token. Undefined: not remembered. */
  get(name: string): KeyRecord | null | undefined {
    return (this.#found.get(name) ?? this.#missing.get(name))?.record;
  }

  setFound(name: string, record: KeyRecord): void {
    this.#missing.delete(name);
    this.#found.set(name, { record: this.#compact.of(record), handles: NO_HANDLES, source: undefined });
  }

  /** @param handles blinded names of the digests under which it was looked for */
  setMissing(name: string, handles: readonly string[]): void {
    this.#found.delete(name);
    this.#missing.set(name, { record: null, handles, source: undefined });
  }

  forget(change: LoggedChange): void {
    this.#found.forget(change);
    this.#missing.forget(change);
  }

  forgetEverything(): void {
    this.#found.clear();
    this.#missing.clear();
  }
}
