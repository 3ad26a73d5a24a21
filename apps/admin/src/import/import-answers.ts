import { MintmarkError } from '#libs/key-domain';
import type { ImportLine, LineResult } from '#libs/lifecycle';
import { errorAnswer } from '../http/error-answer.js';
import { readImportLine } from './import-line.js';
import type { NumberedLine } from './line-batches.js';

/**
 * Imports the lines of a batch that can be read, if any; whoever sends them is looked at anew for each.
 * @param begins whether they are the first of the import
 */
export type Importing = (lines: readonly ImportLine[], begins: boolean) => Promise<readonly LineResult[]>;

const ANSWERED = Symbol('answered');

interface ReadLine {
  readonly number: number;
  readonly line: ImportLine | MintmarkError;
}

/**
 * Answers every line, in order, once it and all before it are in force. Three batches are at hand at most. It ends, early too,
 * once nothing of it is in the database any more.
 * @param failed told of what ends the import early; its last line says so too, unless nothing was answered yet
 */
export async function* importAnswers(
  batches: AsyncIterator<readonly NumberedLine[]>,
  importing: Importing,
  failed: (error: unknown) => void,
): AsyncGenerator<string> {
  let answered = false;
  try {
    for await (const text of answersInTurn(batches, importing)) {
      yield text;
      answered = true;
    }
  } catch (error) {
    if (!answered) throw error;
    failed(error);
    yield `${JSON.stringify({ error: told(error) })}\n`;
  }
}

/** While one batch is in the database, the next is made ready, and the one after it is read. */
async function* answersInTurn(batches: AsyncIterator<readonly NumberedLine[]>, importing: Importing): AsyncGenerator<string> {
  let begins = true;
  let working: Promise<string> | null = null;
  let started: Promise<string> | null = null;
  let coming = readAhead(batches);
  try {
    for (;;) {
      if (working !== null && (await Promise.race([working.then(() => ANSWERED), coming])) === ANSWERED) {
        yield await working;
        working = null;
      }
      const batch = await coming;
      if (batch === null) break;
      coming = readAhead(batches);
      started = begun(answersTo(batch, begins, importing));
      begins &&= batch.every(({ line }) => line instanceof MintmarkError);
      if (working !== null) yield await working;
      working = started;
    }
    if (working !== null) yield await working;
  } finally {
    await Promise.allSettled([working, started]);
  }
}

/** How it fails is told to whoever waits for it, which may be later. */
function begun<Result>(work: Promise<Result>): Promise<Result> {
  work.catch(() => undefined);
  return work;
}

function readAhead(batches: AsyncIterator<readonly NumberedLine[]>): Promise<readonly ReadLine[] | null> {
  return begun(batches.next().then(({ done, value }) => (done === true ? null : value.map(readLine))));
}

function readLine({ number, bytes }: NumberedLine): ReadLine {
  try {
    return { number, line: readImportLine(bytes) };
  } catch (error) {
    if (error instanceof MintmarkError) return { number, line: error };
    throw error;
  }
}

async function answersTo(batch: readonly ReadLine[], begins: boolean, importing: Importing): Promise<string> {
  const lines = batch.flatMap(({ line }) => (line instanceof MintmarkError ? [] : [line]));
  const results = await importing(lines, begins);
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
