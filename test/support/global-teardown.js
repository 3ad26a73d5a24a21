import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpDatabases } from './dump.js';
import { endLeftProcesses } from './left-processes.js';
import { removeTemporaryRoot } from './temporary-root.js';

/** Keeps what the run has written, stops its Postgres, and fails where a test has left a process running. */
export default async function tearDown() {
  const { server, temporaryRoot } = globalThis.mintmarkTestRun;
  const left = endLeftProcesses();
  try {
    await dumpDatabases(server.url);
    if (server.logFile !== null) copyFileSync(server.logFile, join(process.env.MINTMARK_TEST_RUN, 'logs/postgres.log'));
  } finally {
    await server.stop();
    left.push(...(await removeTemporaryRoot(temporaryRoot)));
  }
  if (left.length > 0) throw new Error(`tests have left processes running, which were killed: ${left.join(', ')}`);
}
