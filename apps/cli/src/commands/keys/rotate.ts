import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { answerOf } from '../../client/admin-api.js';
import { IDEMPOTENCY_KEY } from '../../client/patient-fetch.js';
import { openOffice } from '../context.js';
import { duration } from './duration.js';
import { showEnforced } from './enforced-key.js';
import { enforcedField } from './key-fields.js';
import { showToken } from './shown-token.js';

export function rotateCommand(): Command {
  return new Command('rotate')
    .description('give a key another secret; its token is shown this once')
    .argument('<id>')
    .requiredOption('--grace <duration>', 'how long the former secret is accepted beside it: 0s, 90m, 12h, 7d', duration)
    .option('-q, --quiet', 'write the token alone to standard output')
    .action(rotate);
}

async function rotate(
  id: string,
  { grace, quiet = false }: { readonly grace: number; readonly quiet?: boolean },
  command: Command,
): Promise<void> {
  const { api, output } = await openOffice(command);
  const headers = { [IDEMPOTENCY_KEY]: randomUUID() };
  const params = { path: { id } };
  const call = api.POST('/api/v1/keys/{id}/rotate', { params, body: { graceSeconds: grace }, headers });
  const answer = await answerOf(call);
  const { previous, enforced } = answer;
  const former = ['former', `${previous.secretId}, ends ${previous.endsAt}`] as const;
  await showToken(output, answer, { quiet, more: [former, enforcedField(enforced)] });
}

export function endSecretCommand(): Command {
  return new Command('end-secret')
    .description('end one of two secrets of a key: when this ends with 0, nobody accepts it')
    .argument('<id>')
    .argument('<secret-id>')
    .action(endSecret);
}

async function endSecret(id: string, secretId: string, _options: unknown, command: Command): Promise<void> {
  const { api, output } = await openOffice(command);
  const params = { path: { id, secretId } };
  await showEnforced(output, await answerOf(api.DELETE('/api/v1/keys/{id}/secrets/{secretId}', { params })));
}
