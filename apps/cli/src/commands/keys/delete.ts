import { Command } from 'commander';
import { answerOf } from '../../client/admin-api.js';
import { Failure } from '../../ending/failure.js';
import { ask } from '../../terminal/prompt.js';
import { openOffice } from '../context.js';
import { showEnforced } from './enforced-key.js';

export function deleteCommand(): Command {
  return new Command('delete')
    .description('delete a key and all that is known of it for good; the record keeps that it was')
    .argument('<id>')
    .option('-y, --yes', 'do not ask')
    .action(deleteForGood);
}

async function deleteForGood(id: string, { yes }: { readonly yes?: true }, command: Command): Promise<void> {
  const { api, output } = await openOffice(command);
  if (yes !== true) await confirm(id);
  const params = { path: { id }, query: { permanent: 'true' as const } };
  await showEnforced(output, await answerOf(api.DELETE('/api/v1/keys/{id}', { params })), [['deleted', 'for good']]);
}

async function confirm(id: string): Promise<void> {
  if (!process.stdin.isTTY) throw Failure.usage('there is no terminal to ask on: say --yes');
  const answer = await ask(`Delete ${id} for good? Type its id to confirm`);
  if (answer.trim() !== id) throw Failure.usage('not confirmed: nothing is deleted');
}
