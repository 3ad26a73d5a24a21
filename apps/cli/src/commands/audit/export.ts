import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { answerOf } from '../../client/admin-api.js';
import { Failure } from '../../ending/failure.js';
import { openOffice } from '../context.js';
import { type FilterOptions, filterQuery, withFilters } from './filters.js';

type Body = Parameters<typeof Readable.fromWeb>[0];

interface ExportOptions extends FilterOptions {
  readonly format: 'jsonl' | 'csv';
  readonly output?: string;
}

export function exportCommand(): Command {
  const command = new Command('export')
    .description('all of the record, oldest first')
    .addOption(new Option('--format <format>').choices(['jsonl', 'csv']).default('jsonl'))
    .option('-o, --output <file>', 'standard output if absent');
  return withFilters(command).action(exportRecord);
}

async function exportRecord(options: ExportOptions, command: Command): Promise<void> {
  const { api } = await openOffice(command);
  const query = { ...filterQuery(options), format: options.format };
  const body = (await answerOf(api.GET('/api/v1/audit/export', { params: { query }, parseAs: 'stream' }))) as Body;
  const record = Readable.fromWeb(body);
  let lost: unknown;
  record.once('error', (error) => (lost = error));
  const write =
    options.output === undefined ? pipeline(record, process.stdout, { end: false }) : writeWhole(record, options.output);
  await write.catch((error: unknown) => {
    throw error === lost ? Failure.unavailable('the connection was lost before the whole record came', error) : error;
  });
}

/** The file is there once all of it is. */
async function writeWhole(record: Readable, path: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await pipeline(record, createWriteStream(draft, { flags: 'wx', mode: 0o600 }));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
