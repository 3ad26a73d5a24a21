import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { answerOf, type Schemas } from '../../client/admin-api.js';
import { IDEMPOTENCY_KEY } from '../../client/patient-fetch.js';
import { openOffice } from '../context.js';
import { given, keyFieldsOf, type KeyOptions, positiveInteger, withKeyOptions } from './key-options.js';
import { showToken } from './shown-token.js';

interface CreateOptions extends KeyOptions {
  readonly environment?: string;
  readonly expiresInDays?: number;
  readonly owner?: string;
  readonly format?: string;
  readonly quiet?: true;
}

export function createCommand(): Command {
  const command = new Command('create')
    .description('issue a key; its token is shown this once')
    .argument('<name>', 'what people call it')
    .option('--environment <name>', "one of its format's")
    .option('--expires-in-days <days>', 'from now', positiveInteger)
    .option('--owner <id>', "your own reference to the key's owner")
    .option('--format <name>', "the policy's default if absent")
    .option('-q, --quiet', 'write the token alone to standard output');
  return withKeyOptions(command).action(create);
}

async function create(name: string, options: CreateOptions, command: Command): Promise<void> {
  const { api, output } = await openOffice(command);
  const { environment, expiresInDays, owner, format, quiet = false } = options;
  const own = given({ name, environment, expiresInDays, ownerId: owner, format });
  const body = { ...keyFieldsOf(options), ...own } as Schemas['IssueKey']; // the API checks it
  const headers = { [IDEMPOTENCY_KEY]: randomUUID() };
  const answer = await answerOf(api.POST('/api/v1/keys', { body, headers }));
  await showToken(output, answer, { quiet });
}
