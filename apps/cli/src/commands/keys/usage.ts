import { Command, Option } from 'commander';
import { answerOf, type Schemas } from '../../client/admin-api.js';
import { openOffice } from '../context.js';
import { given } from './key-options.js';

type Usage = Schemas['Usage'];

interface UsageOptions {
  readonly from?: string;
  readonly to?: string;
  readonly granularity?: Usage['granularity'];
}

const GRANULARITIES = ['hour', 'day'] as const satisfies readonly Usage['granularity'][];
const COLUMNS = ['start', 'total', 'outcomes'] as const;

export function usageCommand(): Command {
  return new Command('usage')
    .description('how often a key was verified, and what came of it')
    .argument('<id>')
    .option('--from <time>', '24 hours before the end if absent, or 30 days of days')
    .option('--to <time>', 'now if absent')
    .addOption(new Option('--granularity <granularity>', 'hour if absent').choices(GRANULARITIES))
    .action(usage);
}

async function usage(id: string, options: UsageOptions, command: Command): Promise<void> {
  const { api, output } = await openOffice(command);
  const params = { path: { id }, query: given({ ...options }) };
  const series = await answerOf(api.GET('/api/v1/keys/{id}/usage', { params }));
  if (output.json) await output.document(series);
  else await output.rows(COLUMNS, series.data.map(row));
}

function row({ start, total, outcomes }: Usage['data'][number]): readonly string[] {
  const told = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`);
  return [start.replace(/\.\d+Z$/, 'Z').replace('T', ' '), String(total), told.join(', ')];
}
