import { Command, Option } from 'commander';
import { answerOf, type Schemas } from '../../client/admin-api.js';
import { Failure } from '../../ending/failure.js';
import { openOffice } from '../context.js';
import { showEnforced } from './enforced-key.js';
import { given, keyFieldsOf, type KeyOptions, withKeyOptions } from './key-options.js';

interface UpdateOptions extends KeyOptions {
  readonly name?: string;
  readonly neverExpires?: true;
  readonly enable?: true;
  readonly disable?: true;
}

export function updateCommand(): Command {
  const command = new Command('update')
    .description('change a key; what is not named stays')
    .argument('<id>')
    .option('--name <name>')
    .addOption(new Option('--never-expires', 'take its expiry away').conflicts('expiresAt'))
    .option('--enable', 'switch it on again')
    .addOption(new Option('--disable', 'switch it off for now').conflicts('enable'));
  return withKeyOptions(command).action(update);
}

async function update(id: string, options: UpdateOptions, command: Command): Promise<void> {
  const { name, neverExpires, enable, disable } = options;
  const enabled = enable ?? (disable === true ? false : undefined);
  const expiry = neverExpires ? { expiresAt: null } : {};
  const body = { ...keyFieldsOf(options), ...given({ name, enabled }), ...expiry } as Schemas['ChangeKey']; // the API checks it
  if (Object.keys(body).length === 0) throw Failure.usage('say what to change; see "mintmark keys update --help"');
  const { api, output } = await openOffice(command);
  await showEnforced(output, await answerOf(api.PATCH('/api/v1/keys/{id}', { params: { path: { id } }, body })));
}
