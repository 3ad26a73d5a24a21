import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmod, cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findBinaries } from '../../../apps/standalone/src/embedded-postgres/binaries.js';
import { ensureCluster } from '../../../apps/standalone/src/embedded-postgres/cluster.js';
import { chooseRunAs } from '../../../apps/standalone/src/embedded-postgres/run-as.js';

describe('below a home that is closed to everybody else', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'mintmark-home-'));
    await chmod(home, 0o700);
  });
  afterEach(() => rm(home, { recursive: true }));

  test('Postgres makes its cluster from programs that lie there too, as root and as an ordinary user', async () => {
    const installed = await findBinaries();
    await cp(dirname(dirname(installed.postgres)), join(home, 'native'), { recursive: true, verbatimSymlinks: true });
    const bin = join(home, 'native/bin');
    const binaries = { ...installed, initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
    const directory = join(home, 'data/postgres');
    const passwordFile = join(home, 'data/password');
    await mkdir(join(home, 'data'), { mode: 0o700 });
    await writeFile(passwordFile, 'of-a-test-alone', { mode: 0o600 });

    const runAs = await chooseRunAs(directory);
    await ensureCluster({ directory, passwordFile, durable: false }, binaries, runAs);
    const { uid } = await stat(join(directory, 'PG_VERSION'));
    expect(uid).toBe(runAs.owner?.uid ?? process.getuid?.());
    expect(uid).not.toBe(0);
  });
});
