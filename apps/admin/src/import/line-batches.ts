import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** Lines that are imported in one transaction. */
export const BATCH_LINES = 4_000;

/** Bytes of a line at most: what comes until its end is passed over. */
export const MAX_LINE_BYTES = 64 * 1024;

/** Bytes that a batch gathers at most. */
const BATCH_BYTES = 2 * 1024 * 1024;

/** After so many milliseconds without a byte, what has come is imported: whoever waits for an answer gets it. */
const IDLE_MS = 50;

const NEWLINE = 0x0a;
const IDLE = Symbol('idle');

export interface NumberedLine {
  /** From 1; empty lines count. */
  readonly number: number;
  /** Null: it is longer than {@link MAX_LINE_BYTES}. */
  readonly bytes: Buffer | null;
}

/** Reads lines in batches, and no more of them than are asked for: whoever sends faster has to wait. */
export async function* lineBatches(source: Readable): AsyncGenerator<readonly NumberedLine[]> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const cutter = new LineCutter();
  let batch: NumberedLine[] = [];
  let bytes = 0;
  let coming = chunks.next();
  for (;;) {
    const came = batch.length === 0 ? await coming : await Promise.race([coming, sleep(IDLE_MS, IDLE)]);
    if (came !== IDLE && came.done === true) break;
    if (came === IDLE) {
      yield batch;
      [batch, bytes] = [[], 0];
      continue;
    }
    for (const line of cutter.cut(came.value)) {
      batch.push(line);
      bytes += line.bytes?.length ?? 0;
      if (batch.length < BATCH_LINES && bytes < BATCH_BYTES) continue;
      yield batch;
      [batch, bytes] = [[], 0];
    }
    coming = chunks.next();
  }
  batch.push(...cutter.end());
  if (batch.length > 0) yield batch;
}

/** Cuts bytes into lines, without the empty ones. */
class LineCutter {
  #number = 0;
  /** The line that has not ended; null: it is too long. */
  #open: Buffer[] | null = [];
  #length = 0;

  *cut(chunk: Buffer): Generator<NumberedLine> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#add(chunk.subarray(start, end));
      start = end + 1;
      yield* this.end();
    }
    this.#add(chunk.subarray(start));
  }

  /** The line that was open, as it stands. */
  end(): readonly NumberedLine[] {
    const bytes = this.#open === null ? null : Buffer.concat(this.#open);
    this.#number += 1;
    this.#open = [];
    this.#length = 0;
    return bytes !== null && isBlank(bytes) ? [] : [{ number: this.#number, bytes }];
  }

  #add(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > MAX_LINE_BYTES) this.#open = null;
    else if (part.length > 0) this.#open?.push(part);
  }
}

function isBlank(line: Buffer): boolean {
  return line.length === 0 || line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}
