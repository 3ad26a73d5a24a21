import { endLeftProcesses } from '../support/left-processes.js';
import { removeTemporaryRoot } from '../support/temporary-root.js';

/** Ends what is left of the run, and fails where that was a process. */
export default async function tearDown() {
  const left = [...endLeftProcesses(), ...(await removeTemporaryRoot(globalThis.mintmarkFaultsRoot))];
  if (left.length > 0) throw new Error(`tests have left processes running, which were killed: ${left.join(', ')}`);
}
