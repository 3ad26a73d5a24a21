import { Command, InvalidArgumentError } from 'commander';
import { answerOf, type Schemas } from '../../client/admin-api.js';
import { askPatiently } from '../../client/patient-fetch.js';
import { EXIT } from '../../ending/exit-codes.js';
import { complain } from '../../terminal/output.js';
import { openOffice } from '../context.js';

type Head = Schemas['AuditChain']['head'];

export function verifyCommand(): Command {
  return new Command('verify')
    .description('check the chain of the record from its start to its end')
    .option('--noted <head>', 'the head that an earlier check told, number:hash', head)
    .action(verify);
}

async function verify({ noted }: { readonly noted?: Head }, command: Command): Promise<void> {
  const { api, output } = await openOffice(command);
  const body = noted === undefined ? {} : { noted };
  const chain = await answerOf(api.POST('/api/v1/audit/verify', { body, fetch: askPatiently }));
  if (output.json) await output.document(chain);
  else await output.fields(fieldsOf(chain));
  if (chain.firstBroken === null) return;
  complain(`the record is not whole: entry ${chain.firstBroken.number}, ${chain.firstBroken.fault}`);
  process.exitCode = EXIT.brokenRecord;
}

function fieldsOf({ valid, head: { number, hash }, firstBroken }: Schemas['AuditChain']): (readonly [string, string])[] {
  const broken = firstBroken === null ? [] : [['first broken', `${firstBroken.number} ${firstBroken.fault}`] as const];
  return [['whole', valid ? 'yes' : 'no'], ['head', `${number}:${hash}`], ...broken];
}

/** @throws InvalidArgumentError */
function head(text: string): Head {
  const [, number, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (number === undefined || hash === undefined) throw new InvalidArgumentError('A number, a colon and 64 hexadecimal digits.');
  return { number: Number(number), hash };
}
