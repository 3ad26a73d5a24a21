import { Command, Option } from 'commander';
import { answerOf, type Schemas } from '../../client/admin-api.js';
import { askPatiently } from '../../client/patient-fetch.js';
import { openOffice } from '../context.js';
import { showEnforced } from './enforced-key.js';

type Reason = Schemas['RevokeKey']['reason'];

const REASONS = [
  'key_compromise',
  'superseded',
  'affiliation_changed',
  'privilege_withdrawn',
  'unspecified',
] as const satisfies readonly Reason[];

interface RevokeOptions {
  readonly reason: Reason;
  readonly description?: string;
}

export function revokeCommand(): Command {
  return new Command('revoke')
    .description('revoke a key: when this ends with 0, nobody accepts it')
    .argument('<id>')
    .addOption(new Option('--reason <reason>').choices(REASONS).default('unspecified'))
    .option('--description <text>', 'for the record')
    .action(revoke);
}

async function revoke(id: string, { reason, description }: RevokeOptions, command: Command): Promise<void> {
  const { api, output } = await openOffice(command);
  const body = { reason, ...(description !== undefined && { description }) };
  // To revoke again is harmless, and what an enforcement that was not confirmed asks for.
  const call = api.POST('/api/v1/keys/{id}/revoke', { params: { path: { id } }, body, fetch: askPatiently });
  await showEnforced(output, await answerOf(call));
}
