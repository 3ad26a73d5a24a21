import { ensureReady } from '../../scripts/ensure-ready.mjs';
import { makeRunDirectory } from './run-directory.js';

/** Once for a run: a build of the sources, a directory for what the run leaves, and one Postgres, in TEST_POSTGRES_URL. */
export default async function setUp() {
  ensureReady();
  makeRunDirectory();
  const { startTestPostgres } = await import('./postgres-server.js');
  const server = await startTestPostgres();
  process.env.TEST_POSTGRES_URL = server.url;
  process.env.MINTMARK_TEST_DATABASE_PREFIX = `mintmark_test_${process.pid}_`;
  globalThis.mintmarkTestPostgres = server;
  const { endLeftProcesses } = await import('./left-processes.js');
  const abandon = () => {
    endLeftProcesses();
    void server.stop().finally(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, abandon);
}
