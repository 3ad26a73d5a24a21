/*
 * The outage drill: Redis away for a while, then Postgres, under load. Prints what was answered in each phase, as a table.
 * `--seconds` how long each is away, `--log postgres|redis`.
 */
import { parseArgs } from 'node:util';
import { makeArtifacts } from './artifacts.js';
import { HEAD, runDrill } from './drill.js';
import { endEverythingWhenInterrupted } from './interrupted.js';
import { logOf } from './log-option.js';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, log: { type: 'string', default: 'postgres' } },
});

/** More than are used up while everything is there. */
const UNKNOWN_KEYS_A_SECOND = 60;

const artifacts = makeArtifacts('drill');
endEverythingWhenInterrupted(artifacts);
const outageSeconds = Number(values.seconds);
process.stdout.write(`${HEAD}\n`);
const { wrongVerdicts } = await runDrill({
  log: logOf(values.log),
  outageSeconds,
  knownKeys: 200,
  unknownKeys: Math.ceil(outageSeconds * UNKNOWN_KEYS_A_SECOND),
  tell: (line) => process.stdout.write(`${line}\n`),
});
process.stdout.write(`\nwrong verdicts: ${wrongVerdicts}\n`);
process.exit(wrongVerdicts === 0 ? 0 : 1);
