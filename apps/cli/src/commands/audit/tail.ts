import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { type AdminApi, answerOf, type Schemas } from '../../client/admin-api.js';
import type { Output } from '../../terminal/output.js';
import { openOffice } from '../context.js';
import { positiveInteger } from '../keys/key-options.js';
import { type FilterOptions, filterQuery, withFilters } from './filters.js';

type Entry = Schemas['AuditEntry'];
type Filter = ReturnType<typeof filterQuery>;

interface TailOptions extends FilterOptions {
  readonly lines: number;
  readonly follow?: true;
  readonly interval: number;
}

const COLUMNS = ['number', 'at', 'actor', 'action', 'target', 'change'] as const;
const LARGEST_PAGE = 200;

export function tailCommand(): Command {
  const command = new Command('tail')
    .description('the latest entries of the record, the last of them last')
    .option('-n, --lines <count>', 'how many', positiveInteger, 20)
    .option('-f, --follow', 'go on with what is put down from now on')
    .option('--interval <seconds>', 'how often to look', positiveInteger, 2);
  return withFilters(command).action(tail);
}

async function tail(options: TailOptions, command: Command): Promise<void> {
  const { api, output } = await openOffice(command);
  const filter = filterQuery(options);
  const latest = await newest(api, filter, (entries) => entries.length < options.lines);
  let shown = latest.slice(0, options.lines).reverse();
  await write(output, shown);
  let last = shown.at(-1)?.number ?? 0;
  while (options.follow) {
    await sleep(options.interval * 1000);
    const seen = last;
    const news = await newest(api, filter, (entries) => (entries.at(-1)?.number ?? 0) > seen);
    shown = news.filter(({ number }) => number > seen).reverse();
    await write(output, shown);
    last = shown.at(-1)?.number ?? last;
  }
}

/** Newest first, page by page for as long as `areTooFew` and there are more. */
async function newest(api: AdminApi, filter: Filter, areTooFew: (entries: readonly Entry[]) => boolean): Promise<Entry[]> {
  const entries: Entry[] = [];
  let cursor: string | null = null;
  do {
    const query = { ...filter, limit: String(LARGEST_PAGE), ...(cursor !== null && { cursor }) };
    const page: Schemas['AuditEntryList'] = await answerOf(api.GET('/api/v1/audit', { params: { query } }));
    entries.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null && areTooFew(entries));
  return entries;
}

async function write(output: Output, entries: readonly Entry[]): Promise<void> {
  if (output.json) for (const entry of entries) await output.document(entry);
  else await output.rows(COLUMNS, entries.map(rowOf));
}

function rowOf({ number, at, actor, action, target, after }: Entry): readonly string[] {
  const change = after === null ? '' : JSON.stringify(after);
  return [String(number), at, `${actor.type} ${actor.id}`, action, `${target.type} ${target.id}`, change.slice(0, 80)];
}
