import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../../../apps/standalone/src/other-process/other-process.js';

/** On Ctrl-C, or a request to end: nothing that was started outlives this process. */
export function endEverythingWhenInterrupted(artifacts: string): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      endNoted(join(artifacts, 'processes'));
      process.exit(130);
    });
  }
}

/** Each with its group, and only where it still is what was noted. */
function endNoted(directory: string): void {
  for (const pid of readdirSync(directory)) {
    const word = readFileSync(join(directory, pid), 'utf8');
    if (commandLine(Number(pid)).join(' ').includes(word)) process.kill(-Number(pid), 'SIGKILL');
  }
}
