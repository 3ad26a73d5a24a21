/*
 * Breaks what can be broken, at random from a seed, under load, and holds every answer against the guarantee.
 * `--seconds` how long, `--seed` of the first round (a line tells with which to go on), `--log redis|postgres`.
 */
import { parseArgs } from 'node:util';
import { byCommand } from './by-command.js';
import { runFaults, told } from './faults-run.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3600' },
    seed: { type: 'string', default: '1' },
    log: { type: 'string', default: 'redis' },
  },
});
const ACTORS = 8;
const LOAD = { atOnce: 3, pauseMs: 25 };

function tell(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

const seed = Number(values.seed);
const onViolation = (report: string) => {
  tell(`VIOLATION ${report}`);
};
const summary = await byCommand({ name: 'faults', log: values.log, seed, onViolation }, (trial) => {
  trial.begin(ACTORS, LOAD);
  return runFaults(trial, { seed, seconds: Number(values.seconds), tell, tellEvery: 60 });
});
for (const [fault, count] of [...summary.faults].sort()) process.stdout.write(`${String(count).padStart(6)}  ${fault}\n`);
tell(told(summary));
process.exit(summary.violations === 0 ? 0 : 1);
