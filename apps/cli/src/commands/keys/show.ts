import { Command } from 'commander';
import { answerOf } from '../../client/admin-api.js';
import { openOffice } from '../context.js';
import { keyFields } from './key-fields.js';

export function showCommand(): Command {
  return new Command('show').description('show a key').argument('<id>').action(show);
}

async function show(id: string, _options: unknown, command: Command): Promise<void> {
  const { api, output } = await openOffice(command);
  const key = await answerOf(api.GET('/api/v1/keys/{id}', { params: { path: { id } } }));
  if (output.json) await output.document(key);
  else await output.fields(keyFields(key));
}
