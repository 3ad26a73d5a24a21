import { ensureReady } from '../../scripts/ensure-ready.mjs';
import { requireRedis } from '../../scripts/redis-program.js';
import { makeRunDirectory } from './run-directory.js';

/**
 * Once for a run: a build of the sources, a directory for what the run leaves and one for what it must not leave,
 * and one Postgres, in TEST_POSTGRES_URL.
 */
export default async function setUp() {
  requireRedis();
  ensureReady();
  makeRunDirectory();
  const { makeTemporaryRoot, removeTemporaryRoot } = await import('./temporary-root.js');
  const { startTestPostgres } = await import('./postgres-server.js');
  const { endLeftProcesses } = await import('./left-processes.js');
  const temporaryRoot = await makeTemporaryRoot();
  const server = await startTestPostgres(temporaryRoot);
  process.env.TEST_POSTGRES_URL = server.url;
  process.env.MINTMARK_TEST_DATABASE_PREFIX = `mintmark_test_${process.pid}_`;
  globalThis.mintmarkTestRun = { server, temporaryRoot };
  const abandon = async () => {
    endLeftProcesses();
    await server.stop();
    await removeTemporaryRoot(temporaryRoot);
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void abandon());
}
