import { afterAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, type Command } from '../../support/child.js';
import { recordSecret } from '../../support/evidence.js';
import { freshDatabase } from '../../support/fresh-database.js';

const ROOT = join(import.meta.dirname, '../../..');
const READY_WITHIN_MS = 30_000;
const LIMIT_MS = 5_000;

function npmRun(script: string): Command {
  return ['npm', '--prefix', ROOT, '--silent', 'run', script];
}

describe('admin, verifier and example as processes of their own', () => {
  const running: Child[] = [];
  afterAll(async () => {
    for (const child of running) if (child.isRunning) await child.signal('SIGKILL', 'group');
  });

  async function start(script: string, surface: string, env: Readonly<Record<string, string>>): Promise<string> {
    const child = Child.start(npmRun(script), { HOME: process.env['HOME'] ?? '/', MINTMARK_HOST: '127.0.0.1', ...env }, tmpdir());
    running.push(child);
    await child.untilSurfaces([surface], READY_WITHIN_MS);
    return child.surfaces.get(surface) ?? '';
  }

  test('serve one installation together: the verifier waits for the schema, each stops within 5 s of SIGTERM to npm', async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'mintmark-apart-'));
    const { url } = await freshDatabase();
    const pepper = randomBytes(32).toString('base64');
    const password = randomBytes(12).toString('base64url');
    recordSecret('pepper', pepper);
    recordSecret('password', password);
    const stores = { MINTMARK_DATABASE_URL: url, MINTMARK_PEPPERS: `p1:${pepper}` };

    const verifier = start('start:verifier', 'verifier-grpc', {
      ...stores,
      MINTMARK_VERIFIER_GRPC_PORT: '0',
      MINTMARK_VERIFIER_HTTP_PORT: '0',
    });
    const adminUrl = await start('start:admin', 'admin', {
      ...stores,
      MINTMARK_ADMIN_PORT: '0',
      MINTMARK_DATA_DIR: dataDirectory,
      MINTMARK_BOOTSTRAP_EMAIL: 'owner@example.com',
      MINTMARK_BOOTSTRAP_PASSWORD: password,
    });
    expect((await fetch(`${adminUrl}/health/ready`)).status).toBe(200);
    const serviceKey = await readFile(join(dataDirectory, 'service-key'), 'utf8');
    recordSecret('service-key', serviceKey);
    const exampleUrl = await start('start:example', 'example', {
      MINTMARK_EXAMPLE_PORT: '0',
      MINTMARK_SERVICE_KEY: serviceKey,
      MINTMARK_VERIFIER_URL: await verifier,
    });

    // The service key itself is a key of the account, without the scope that the route requires.
    const answer = await fetch(`${exampleUrl}/customer`, { headers: { authorization: `Bearer ${serviceKey}` } });
    expect(answer.status).toBe(403);

    for (const child of running) {
      const { code, ms } = await child.signal('SIGTERM');
      expect(code).toBe(0);
      expect(ms).toBeLessThan(LIMIT_MS);
    }
    await rm(dataDirectory, { recursive: true });
  });
});
