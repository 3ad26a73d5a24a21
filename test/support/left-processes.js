import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../../dist/apps/standalone/src/other-process/other-process.js';

/**
 * Ends the processes, each with its group, that tests have noted in the run's `processes/` (a file named by the number, holding a word of
 * the command line) and not taken out again.
 * @returns their numbers
 */
export function endLeftProcesses() {
  const noted = join(process.env.MINTMARK_TEST_RUN, 'processes');
  return readdirSync(noted).filter((pid) => {
    const word = readFileSync(join(noted, pid), 'utf8');
    rmSync(join(noted, pid));
    const left = commandLine(Number(pid)).join(' ').includes(word);
    if (left) process.kill(-Number(pid), 'SIGKILL');
    return left;
  });
}
