import { ensureReady } from '../../scripts/ensure-ready.mjs';
import { requireRedis } from '../../scripts/redis-program.js';
import { makeRunDirectory } from '../support/run-directory.js';

/** Once for a run: a build of the sources, and directories as for the e2e suite. Every test brings its own servers. */
export default async function setUp() {
  requireRedis();
  ensureReady();
  makeRunDirectory();
  const { makeTemporaryRoot, removeTemporaryRoot } = await import('../support/temporary-root.js');
  const { endLeftProcesses } = await import('../support/left-processes.js');
  const temporaryRoot = await makeTemporaryRoot();
  globalThis.mintmarkFaultsRoot = temporaryRoot;
  const abandon = async () => {
    endLeftProcesses();
    await removeTemporaryRoot(temporaryRoot);
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void abandon());
}
