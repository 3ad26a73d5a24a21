/*
 * The outage drill: Redis away for a while, then Postgres, under load. Prints what was answered in each phase, as a table.
 * `--seconds` how long each is away, `--log redis|postgres`.
 */
import { parseArgs } from 'node:util';
import { byCommand } from './by-command.js';
import { HEAD, row, runDrill } from './drill.js';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, log: { type: 'string', default: 'redis' } },
});
const KNOWN_KEYS = 200;
/** More than are used up while everything is there. */
const UNKNOWN_KEYS_A_SECOND = 60;

const outageSeconds = Number(values.seconds);
const unknownKeys = Math.ceil(outageSeconds * UNKNOWN_KEYS_A_SECOND);
const onViolation = (report: string) => {
  process.stdout.write(`WRONG ${report}\n`);
};
process.stdout.write(`${HEAD}\n`);
const wrong = await byCommand({ name: 'drill', log: values.log, seed: 1, onViolation }, async (trial) => {
  const onPhase = (phase: Parameters<typeof row>[0]) => {
    process.stdout.write(`${row(phase)}\n`);
  };
  await runDrill(trial, { outageSeconds, knownKeys: KNOWN_KEYS, unknownKeys, onPhase });
  return trial.checker.violations;
});
process.stdout.write(`\nwrong verdicts: ${wrong}\n`);
process.exit(wrong === 0 ? 0 : 1);
