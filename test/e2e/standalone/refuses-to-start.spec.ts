import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseRunAs } from '../../../apps/standalone/src/embedded-postgres/run-as.js';
import { appCommand } from '../../support/child.js';
import { startStack } from '../../support/stack.js';
import { garmentsStatus, mintGarmentKey } from './embedded.js';

describe('standalone says what stands in the way of its start, and what to do', () => {
  let dataDirectory: string;
  beforeEach(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'mintmark-refusal-'));
  });
  afterEach(() => rm(dataDirectory, { recursive: true }));

  test.each(['MINTMARK_ADMIN_PORT', 'MINTMARK_VERIFIER_GRPC_PORT', 'MINTMARK_VERIFIER_HTTP_PORT', 'MINTMARK_EXAMPLE_PORT'])(
    'a port that is taken, and %s that chooses another: before anything else is started',
    async (variable) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      const start = startStack({ dataDirectory, database: 'embedded', env: { [variable]: String(port) } });
      await expect(start).rejects.toThrow(new RegExp(`code 1\\):\nport ${port} is taken.*${variable}`));
      expect(await readdir(dataDirectory)).toEqual(['lock.1']);
      other.close();
    },
  );

  test('several ports that are taken, all at once', async () => {
    const others = await Promise.all(
      Array.from({ length: 2 }, async () => {
        const other = createServer().listen(0, '127.0.0.1');
        await once(other, 'listening');
        return other;
      }),
    );
    const [admin = 0, example = 0] = others.map((other) => (other.address() as AddressInfo).port);
    const env = { MINTMARK_ADMIN_PORT: String(admin), MINTMARK_EXAMPLE_PORT: String(example) };
    const told = new RegExp(`port ${admin} is taken.*MINTMARK_ADMIN_PORT[^]*port ${example} is taken.*MINTMARK_EXAMPLE_PORT`);
    await expect(startStack({ dataDirectory, env })).rejects.toThrow(told);
    for (const other of others) other.close();
  });

  test('one port for two surfaces', async () => {
    const env = { MINTMARK_ADMIN_PORT: '28765', MINTMARK_EXAMPLE_PORT: '28765' };
    await expect(startStack({ dataDirectory, env })).rejects.toThrow('MINTMARK_EXAMPLE_PORT');
  });

  test('a data directory that another process uses, by its number', async () => {
    const first = await startStack({ dataDirectory });
    await expect(startStack({ dataDirectory })).rejects.toThrow(`${dataDirectory} is in use by process ${first.pid}`);
    await first.stop();
  });

  test('a data directory that this user may not write in', async () => {
    await chmod(dataDirectory, 0o500);
    // Root may write everywhere: as root the start is tried as the user that Postgres would get.
    const runAs = await chooseRunAs(dataDirectory);
    const start = startStack({ dataDirectory, command: runAs.wrap(appCommand('standalone')) });
    await expect(start).rejects.toThrow(/is not writable for user \d+.*MINTMARK_DATA_DIR/);
  });

  test('a variable that can not be read, with what it takes and without its value where that is a secret', async () => {
    await expect(startStack({ dataDirectory, env: { MINTMARK_ADMIN_PORT: 'http' } })).rejects.toThrow(
      'MINTMARK_ADMIN_PORT is "http"; it takes a port',
    );
    const start = startStack({ dataDirectory, env: { MINTMARK_PEPPERS: 'p1:c2hvcnQ=' } });
    await expect(start).rejects.toThrow("MINTMARK_PEPPERS has a value that can't be used");
    await expect(start).rejects.not.toThrow('c2hvcnQ');
  });

  test('a cluster of another Postgres', async () => {
    await mkdir(join(dataDirectory, 'postgres'));
    await writeFile(join(dataDirectory, 'postgres/PG_VERSION'), '17\n');
    await expect(startStack({ dataDirectory, database: 'embedded' })).rejects.toThrow(/was made by Postgres 17.*pg_dump/);
  });

  test('peppers that the data directory has lost', async () => {
    const env = { MINTMARK_PEPPERS: '' };
    const stack = await startStack({ dataDirectory, database: 'embedded', env });
    await stack.stop();
    await rm(join(dataDirectory, 'peppers'));
    await expect(startStack({ dataDirectory, database: 'embedded', env })).rejects.toThrow(
      `${join(dataDirectory, 'peppers')} is missing`,
    );
  });

  test('a pepper that the database needs and the variable lacks, by its id; beside a new one it is enough', async () => {
    const stack = await startStack({ dataDirectory });
    const key = await mintGarmentKey(stack);
    const fresh = `p2:${randomBytes(32).toString('base64')}`;
    await expect(stack.restart({ MINTMARK_PEPPERS: fresh })).rejects.toThrow(/\bp1\b/);
    await stack.restart({ MINTMARK_PEPPERS: `${fresh},${stack.peppers}` });
    expect(await garmentsStatus(stack, key)).toBe(200);
    await stack.stop();
  });
});
