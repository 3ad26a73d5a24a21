import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../cluster/repository.js';

/** Where a run by command leaves the logs of its processes, and notes their numbers. */
export function makeArtifacts(name: string): string {
  const stamp = new Date().toISOString().replaceAll(':', '');
  const directory = process.env['MINTMARK_TEST_RUN'] ?? join(REPOSITORY, 'test/.artifacts', `${name}-${stamp}-${process.pid}`);
  for (const part of ['logs', 'metrics', 'dumps', 'processes']) mkdirSync(join(directory, part), { recursive: true });
  process.env['MINTMARK_TEST_RUN'] = directory;
  return directory;
}
