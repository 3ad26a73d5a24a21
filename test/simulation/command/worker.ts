import { MUTATIONS } from '../mutations/index.js';
import { simulate } from '../simulate.js';

export interface Job {
  readonly first: number;
  readonly last: number;
  /** Null: the product as it is. */
  readonly mutation: string | null;
}

export interface Report {
  readonly job: Job;
  /** A line for each seed that broke a guarantee. */
  readonly violations: readonly string[];
  readonly events: number;
  readonly questions: number;
  readonly changes: number;
}

// Connections break by the thousand, and nobody reads where.
Error.stackTraceLimit = 0;

process.on('message', (job: Job) => {
  void run(job).then((report) => process.send?.(report));
});

async function run(job: Job): Promise<Report> {
  const violations: string[] = [];
  const sum = { events: 0, questions: 0, changes: 0 };
  for (let seed = job.first; seed <= job.last; seed += 1) {
    const mutation = job.mutation === null ? {} : (MUTATIONS[job.mutation]?.() ?? {});
    const { violation, events, questions, changes } = await simulate(seed, { mutation });
    if (violation !== null) violations.push(`seed ${seed}: ${violation}`);
    sum.events += events;
    sum.questions += questions;
    sum.changes += changes;
  }
  return { job, violations, ...sum };
}
