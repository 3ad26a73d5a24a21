import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Command } from 'commander';
import { EXIT } from '../../../ending/exit-codes.js';
import { Failure } from '../../../ending/failure.js';
import { openOffice } from '../../context.js';
import { answersTo } from './answers.js';
import { linesOf } from './lines.js';
import { partsOf } from './parts.js';
import { Progress } from './progress.js';

interface Source {
  readonly lines: AsyncIterable<string>;
  /** In bytes; null where it is not known. */
  readonly size: number | null;
}

export function importCommand(): Command {
  return new Command('import')
    .description('import the keys of a former system: one JSON object a line; can be repeated without harm')
    .argument('<file>', '- for standard input')
    .option('--answers <file>', 'a new file for the answer to each line; standard output if absent')
    .action(importKeys);
}

async function importKeys(file: string, { answers: path }: { readonly answers?: string }, command: Command): Promise<void> {
  const { site, output } = await openOffice(command);
  const source = file === '-' ? standardInput() : await sourceOf(file);
  const sink = path === undefined ? process.stdout : await newFile(path);
  const isBarSeen = process.stderr.isTTY && !(path === undefined && process.stdout.isTTY);
  const progress = new Progress(isBarSeen ? source.size : null);
  try {
    for await (const part of partsOf(source.lines)) {
      const texts = new Map(part.map(({ number, text }) => [number, text]));
      for await (const answer of answersTo(site, part)) {
        await write(sink, `${JSON.stringify(answer)}\n`);
        const bytes = Buffer.byteLength(texts.get(answer.line) ?? '') + 1;
        progress.answered({ failed: answer.error !== undefined, existing: answer.existing === true, bytes });
      }
    }
  } finally {
    progress.stop();
    if (path !== undefined) await finished(sink.end());
    const where = progress.failed > 0 && path !== undefined ? ` See "error" in ${path}.` : '';
    output.note(`${progress.summary()}${where}`);
  }
  if (progress.failed > 0) process.exitCode = EXIT.refused;
}

function standardInput(): Source {
  return { lines: linesOf(() => process.stdin), size: null };
}

async function sourceOf(path: string): Promise<Source> {
  const file = await open(path);
  const { size } = await file.stat();
  return { lines: linesOf(() => file.createReadStream()), size };
}

/** Answers of an earlier import are not written over, nor taken for those of this one. */
async function newFile(path: string): Promise<Writable> {
  const sink = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  await once(sink, 'open').catch((error: unknown) => {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw exists ? Failure.usage(`${path} is there already: name another file for --answers`) : error;
  });
  return sink;
}

async function write(sink: Writable, text: string): Promise<void> {
  if (!sink.write(text)) await once(sink, 'drain');
}
