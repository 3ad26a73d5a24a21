/** A line of a file to import. */
export interface Line {
  /** Counted from 1, empty lines too. */
  readonly number: number;
  readonly text: string;
}

/** What is sent at once is held in memory until it is answered. */
const MOST_LINES = 5_000;
const MOST_CHARACTERS = 4_000_000;

/** Lines in parts to be sent one after the other; empty ones are left out. At most one part is in memory. */
export async function* partsOf(lines: AsyncIterable<string>): AsyncGenerator<readonly Line[]> {
  let part: Line[] = [];
  let characters = 0;
  let number = 0;
  for await (const text of lines) {
    number += 1;
    if (text.trim() === '') continue;
    part.push({ number, text });
    characters += text.length;
    if (part.length < MOST_LINES && characters < MOST_CHARACTERS) continue;
    yield part;
    part = [];
    characters = 0;
  }
  if (part.length > 0) yield part;
}
