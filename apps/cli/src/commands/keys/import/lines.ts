import { createInterface } from 'node:readline';

/**
 * The lines of a stream, which is read from the first one that is asked for on: a reader of lines drops those that come before
 * anybody asks.
 */
export async function* linesOf(open: () => NodeJS.ReadableStream): AsyncGenerator<string> {
  yield* createInterface({ input: open(), crlfDelay: Infinity });
}
