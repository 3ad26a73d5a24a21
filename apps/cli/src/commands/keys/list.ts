import type { paths } from '#libs/rest-contract';
import { Command, Option } from 'commander';
import { answerOf, type Schemas } from '../../client/admin-api.js';
import { type Office, openOffice } from '../context.js';
import { KEY_COLUMNS, keyRow } from './key-fields.js';
import { given, positiveInteger } from './key-options.js';

type Key = Schemas['Key'];
type Query = NonNullable<paths['/api/v1/keys']['get']['parameters']['query']>;

interface ListOptions {
  readonly status?: Key['status'];
  readonly environment?: string;
  readonly owner?: string;
  readonly product?: string;
  readonly scope?: string;
  readonly search?: string;
  readonly expiresBefore?: string;
  readonly unusedSince?: string;
  readonly rotationDue?: true;
  readonly limit: number;
  readonly all?: true;
}

const STATUSES = ['active', 'disabled', 'revoked', 'expired'] as const satisfies readonly Key['status'][];
const LARGEST_PAGE = 200;

export function listCommand(): Command {
  return new Command('list')
    .description('list keys, newest first')
    .addOption(new Option('--status <status>').choices(STATUSES))
    .option('--environment <name>')
    .option('--owner <id>', 'your own reference to their owner')
    .option('--product <id>', 'keys that may be used for it')
    .option('--scope <scope>', 'keys that grant it, by its name or by a wildcard')
    .option('--search <text>', 'by name, owner, or the last characters of the token')
    .option('--expires-before <time>')
    .option('--unused-since <time>', 'keys older than this that were not used since')
    .option('--rotation-due', "keys with a secret older than the account's policy has it")
    .option('--limit <count>', 'at most so many', positiveInteger, 50)
    .addOption(new Option('--all', 'however many there are').conflicts('limit'))
    .action(list);
}

async function list(options: ListOptions, command: Command): Promise<void> {
  const { api, output } = await openOffice(command);
  const pages = pagesOf(api, queryOf(options), options.all ? Infinity : options.limit);
  if (output.json) await writeDocument(output, pages);
  else await writeRows(output, pages);
}

function queryOf({
  owner,
  product,
  rotationDue,
  status,
  environment,
  scope,
  search,
  expiresBefore,
  unusedSince,
}: ListOptions): Query {
  const same = { status, environment, scope, search, expiresBefore, unusedSince };
  return given({ ...same, ownerId: owner, productId: product, rotationDue: rotationDue && 'true' });
}

interface KeyPage {
  readonly keys: readonly Key[];
  /** Whether there are more than were asked for. */
  readonly isCut: boolean;
}

async function* pagesOf(api: Office['api'], query: Query, limit: number): AsyncGenerator<KeyPage> {
  let left = limit;
  let cursor: string | null = null;
  do {
    const wanted = Math.min(left, LARGEST_PAGE);
    const page: Schemas['KeyList'] = await answerOf(
      api.GET('/api/v1/keys', { params: { query: { ...query, limit: String(wanted), ...(cursor !== null && { cursor }) } } }),
    );
    left -= page.data.length;
    cursor = page.nextCursor;
    yield { keys: page.data, isCut: left === 0 && cursor !== null };
  } while (cursor !== null && left > 0);
}

/** One array, written as it comes: where a page fails, it is not closed, and nobody takes a part for the whole. */
async function writeDocument(output: Office['output'], pages: AsyncIterable<KeyPage>): Promise<void> {
  let separator = '[';
  for await (const { keys } of pages)
    for (const key of keys) {
      await output.write(`${separator}${JSON.stringify(key)}`);
      separator = ',\n';
    }
  await output.write(separator === '[' ? '[]\n' : ']\n');
}

async function writeRows(output: Office['output'], pages: AsyncIterable<KeyPage>): Promise<void> {
  for await (const { keys, isCut } of pages) {
    await output.rows(KEY_COLUMNS, keys.map(keyRow));
    if (isCut && output.forPeople) output.note('There are more: ask for them with --limit or --all.');
  }
}
