import type { KeyRecord } from '#libs/key-domain';

export interface ReadyBounds {
  /** Bytes of all answers, with what an entry takes beside them. */
  readonly bytes: number;
  /** Bytes of one answer: a longer one is not kept. */
  readonly answer: number;
}

/** Some forty thousand answers of the usual length. */
export const READY_BOUNDS: ReadyBounds = { bytes: 16 * 1024 * 1024, answer: 4 * 1024 };

/** An entry without its answer, in bytes. */
const ENTRY = 150;

/** Answers stand in slabs of their own: a small Buffer of Node's pool holds the whole of a pool that others filled. */
const SLAB_BYTES = 64 * 1024;

/**
 * Encoded answers, found by the records that they were made of. A record that nobody else holds is let go of, with its
 * answer. When the bytes are used up, everything is dropped: what is in use is soon made again.
 */
export class ReadyAnswers {
  #answers = new WeakMap<KeyRecord, Buffer>();
  #slab = Buffer.alloc(0);
  /** Where the slab is free. */
  #at = 0;
  #bytes = 0;

  constructor(private readonly bounds = READY_BOUNDS) {}

  get(record: KeyRecord): Buffer | undefined {
    return this.#answers.get(record);
  }

  /** Keeps a copy, if the answer is not too long. */
  keep(record: KeyRecord, answer: Buffer): void {
    if (answer.length > this.bounds.answer) return;
    const bytes = answer.length + ENTRY;
    if (this.#bytes + bytes > this.bounds.bytes) [this.#answers, this.#bytes] = [new WeakMap(), 0];
    if (this.#at + answer.length > this.#slab.length) [this.#slab, this.#at] = [Buffer.allocUnsafeSlow(SLAB_BYTES), 0];
    const end = this.#at + answer.copy(this.#slab, this.#at);
    this.#answers.set(record, this.#slab.subarray(this.#at, end));
    this.#at = end;
    this.#bytes += bytes;
  }
}
