/*
 * Breaks what can be broken, at random from a seed, under load, and holds every answer against the guarantee.
 * `--seconds` how long, `--seed` of the first round (a line tells with which to go on), `--log postgres|redis`.
 */
import { parseArgs } from 'node:util';
import { makeArtifacts } from './artifacts.js';
import { runFaults, told } from './faults-run.js';
import { endEverythingWhenInterrupted } from './interrupted.js';
import { logOf } from './log-option.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3600' },
    seed: { type: 'string', default: '1' },
    log: { type: 'string', default: 'postgres' },
  },
});

function tell(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

const artifacts = makeArtifacts('faults');
endEverythingWhenInterrupted(artifacts);
tell(`logs in ${artifacts}`);
const summary = await runFaults({
  log: logOf(values.log),
  seed: Number(values.seed),
  seconds: Number(values.seconds),
  actors: 8,
  load: { atOnce: 3, pauseMs: 25 },
  tell,
  tellEvery: 60,
});
for (const [fault, count] of [...summary.faults].sort()) process.stdout.write(`${String(count).padStart(6)}  ${fault}\n`);
tell(told(summary));
process.exit(summary.violations === 0 ? 0 : 1);
