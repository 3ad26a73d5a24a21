import { parseArgs } from 'node:util';
import { H2loadError } from './h2load-report.js';

/** How long and how often; each command says what it takes if nothing is said. */
export interface Effort {
  readonly repetitions: number;
  /** Of each load. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** Reads `--repetitions`, `--seconds` and `--warm-up`. */
export function effort(usual: Effort): Effort {
  const { values } = parseArgs({
    options: { repetitions: { type: 'string' }, seconds: { type: 'string' }, 'warm-up': { type: 'string' } },
  });
  return {
    repetitions: Number(values.repetitions ?? usual.repetitions),
    seconds: Number(values.seconds ?? usual.seconds),
    warmUpSeconds: Number(values['warm-up'] ?? usual.warmUpSeconds),
  };
}

/** One paragraph or table of Markdown for docs/performance.md, on standard output. */
export function print(paragraph: string): void {
  process.stdout.write(`${paragraph}\n\n`);
}

/** Runs a bench; a missing load generator, or a load that went wrong, is told in a line. */
export async function runBench(bench: () => Promise<void>): Promise<void> {
  try {
    await bench();
  } catch (error) {
    if (!(error instanceof H2loadError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
