import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MUTATIONS } from '../mutations/index.js';
import { simulate } from '../simulate.js';
import type { Job, Report } from './worker.js';

const USAGE = `npm run simulate -- [--seeds 1..1000] [--workers 2] [--mutation <name>]
npm run simulate -- --seed 17 [--mutation <name>]   one seed, with its last events
npm run simulate -- --mutations [--seeds 1..2000]   the seed at which each mutation is caught

mutations: ${Object.keys(MUTATIONS).join(', ')}`;

/** Seeds that a worker takes at once; after each of them the way so far is told. */
const CHUNK = 500;
/** A seed leaves little behind, and much of it at once: megabytes for the young generation. */
const WORKER_FLAGS = ['--max-semi-space-size=64'];
const TRACED_LINES = 120;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    workers: { type: 'string', default: '2' },
    mutation: { type: 'string' },
    mutations: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) say(USAGE);
else if (values.seed !== undefined) await traceOne(Number(values.seed), values.mutation);
else if (values.mutations) await tabulate(rangeOf(values.seeds ?? '1..2000'));
else await runRange(rangeOf(values.seeds ?? '1..1000'), Number(values.workers), values.mutation);

interface Range {
  readonly first: number;
  readonly last: number;
}

function rangeOf(text: string): Range {
  const match = /^(\d+)\.\.(\d+)$/.exec(text);
  if (match === null) throw new Error(`--seeds takes a range such as 1..1000, not ${text}`);
  return { first: Number(match[1]), last: Number(match[2]) };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function mutationNamed(name: string | undefined) {
  if (name === undefined) return () => ({});
  const mutation = MUTATIONS[name];
  if (mutation === undefined) throw new Error(`no mutation ${name}\n${USAGE}`);
  return mutation;
}

async function traceOne(seed: number, mutation: string | undefined): Promise<void> {
  const result = await simulate(seed, { isTraced: true, mutation: mutationNamed(mutation)() });
  for (const line of result.trace.slice(-TRACED_LINES)) say(line);
  say(`seed ${seed}: ${result.violation ?? 'every guarantee was kept'}`);
  process.exitCode = result.violation === null ? 0 : 1;
}

async function tabulate({ first, last }: Range): Promise<void> {
  say('| mutation | caught at seed | as |\n| --- | --- | --- |');
  for (const [name, make] of Object.entries(MUTATIONS)) {
    let caught: string | null = null;
    for (let seed = first; seed <= last && caught === null; seed += 1) {
      const { violation } = await simulate(seed, { mutation: make() });
      if (violation !== null) caught = `${seed} | ${violation.slice(0, violation.indexOf(':'))}`;
    }
    say(`| ${name} | ${caught ?? `not within ${last} |`} |`);
    if (caught === null) process.exitCode = 1;
  }
}

/** Hands out seeds in chunks, in order, so that what was told last says where to go on from. */
async function runRange({ first, last }: Range, workers: number, mutation: string | undefined): Promise<void> {
  mutationNamed(mutation);
  const begun = performance.now();
  let next = first;
  const total = { seeds: 0, events: 0, questions: 0, changes: 0, violations: 0 };
  const finished = new Set<number>();
  let goOnFrom = first;
  const take = (): Job | null => {
    if (next > last) return null;
    const job = { first: next, last: Math.min(last, next + CHUNK - 1), mutation: mutation ?? null };
    next = job.last + 1;
    return job;
  };
  const note = ({ job, violations, events, questions, changes }: Report) => {
    for (const violation of violations) say(violation);
    total.seeds += job.last - job.first + 1;
    total.events += events;
    total.questions += questions;
    total.changes += changes;
    total.violations += violations.length;
    finished.add(job.first);
    while (finished.delete(goOnFrom)) goOnFrom = Math.min(last + 1, goOnFrom + CHUNK);
    const seconds = (performance.now() - begun) / 1000;
    say(`${total.seeds} seeds, ${total.violations} violations, ${seconds.toFixed(0)} s; all below ${goOnFrom} are done`);
  };
  await Promise.all(Array.from({ length: workers }, () => work(take, note)));
  const { seeds, violations, questions, changes, events } = total;
  const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
  say(
    `seeds ${first}..${last}: ${seeds} run, ${violations} violations, ${questions} calls of verifiers, ${changes} changes, ${events} events, ${minutes} min`,
  );
  process.exitCode = violations === 0 ? 0 : 1;
}

function work(take: () => Job | null, note: (report: Report) => void): Promise<void> {
  const worker = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), { execArgv: WORKER_FLAGS });
  return new Promise((resolve, reject) => {
    const goOn = () => {
      const job = take();
      if (job === null) worker.disconnect();
      else worker.send(job);
    };
    worker.on('message', (report: Report) => {
      note(report);
      goOn();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a worker ended with ${code}`));
    });
    goOn();
  });
}
