import { MintmarkError } from '#libs/key-domain';
import type { ImportLine, LineResult } from '#libs/lifecycle';
import { errorAnswer } from '../http/error-answer.js';
import { readImportLine } from './import-line.js';
import type { NumberedLine } from './line-batches.js';

/** Imports lines. @param begins whether they are the first of the import */
export type Importing = (lines: readonly ImportLine[], begins: boolean) => Promise<readonly LineResult[]>;

interface ReadLine {
  readonly number: number;
  readonly line: ImportLine | MintmarkError;
}

/**
 * Answers every line, in order, once it is in force. The next batch is read while one is imported, and no further.
 * @param failed told of what ends the import early; its last line says so too, unless nothing was answered yet
 */
export async function* importAnswers(
  batches: AsyncIterator<readonly NumberedLine[]>,
  importing: Importing,
  failed: (error: unknown) => void,
): AsyncGenerator<string> {
  let begins = true;
  try {
    let coming = readAhead(batches);
    for (;;) {
      const batch = await coming;
      if (batch === null) return;
      coming = readAhead(batches);
      yield await answersTo(batch, (lines) => importing(lines, begins));
      begins = false;
    }
  } catch (error) {
    if (begins) throw error;
    failed(error);
    yield `${JSON.stringify({ error: told(error) })}\n`;
  }
}

function readAhead(batches: AsyncIterator<readonly NumberedLine[]>): Promise<readonly ReadLine[] | null> {
  const coming = batches.next().then(({ done, value }) => (done === true ? null : value.map(readLine)));
  coming.catch(() => undefined); // it is told of when it is waited for
  return coming;
}

function readLine({ number, bytes }: NumberedLine): ReadLine {
  try {
    return { number, line: readImportLine(bytes) };
  } catch (error) {
    if (error instanceof MintmarkError) return { number, line: error };
    throw error;
  }
}

async function answersTo(
  batch: readonly ReadLine[],
  importing: (lines: readonly ImportLine[]) => Promise<readonly LineResult[]>,
): Promise<string> {
  const lines = batch.flatMap(({ line }) => (line instanceof MintmarkError ? [] : [line]));
  const results = lines.length === 0 ? [] : await importing(lines);
  let next = 0;
  return batch.map(({ number, line }) => answerOf(number, line instanceof MintmarkError ? line : results[next++])).join('');
}

function answerOf(line: number, result: LineResult | undefined): string {
  if (result === undefined) throw new Error('a line without a result');
  const answer = result instanceof MintmarkError ? { line, error: told(result) } : { line, ...result };
  return `${JSON.stringify(answer)}\n`;
}

function told(error: unknown): object {
  const { code, message, details } = errorAnswer(error);
  return { code, message, ...(details === undefined ? {} : { details }) };
}
