/*
 * How long it takes until a committed revocation is in force on three verifiers with three guards each, all of which
 * answer from what they keep: from the reply to COMMIT until the admin knows it, a thousand times, one after the other.
 * On the journal in Postgres, and on Redis where redis-server is on the PATH (`--log postgres` or `--log redis`: on one).
 */
import { NestFactory } from '@nestjs/core';
import type pg from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { adminConfig } from '#libs/config';
import { bySystem, Enforcement, KeyStore } from '#libs/key-domain';
import { createLog } from '#libs/observability';
import { AdminModule } from '../apps/admin/src/admin.module.js';
import { GuardsProcess } from './harness/guards-process.js';
import { withRedis } from './harness/redis.js';
import { figureTable, machineFacts } from './harness/report.js';
import { print } from './harness/run.js';
import { onStage, type Stage, withDatabase } from './harness/stage.js';
import { percentile } from './harness/statistics.js';
import type { ServerProcess } from './harness/server-process.js';
import { verifier } from './servers/contestants.js';
import { type Installation, installation, type MintedKey } from './servers/installation.js';

const VERIFIERS = 3;
const GUARDS = 9;
const WARM_UP = 100;

const { values: options } = parseArgs({
  options: {
    log: { type: 'string' },
    revocations: { type: 'string', default: '1000' },
    repetitions: { type: 'string', default: '1' },
  },
});
const REVOCATIONS = Number(options.revocations);

async function measureOn(stage: Stage, redisUrl?: string): Promise<number[]> {
  const log = redisUrl === undefined ? {} : { MINTMARK_REDIS_URL: redisUrl };
  const installed = await installation(stage.databaseUrl, stage.directory, { count: WARM_UP + REVOCATIONS, log });
  const verifiers: ServerProcess[] = [];
  let guards: GuardsProcess | null = null;
  try {
    while (verifiers.length < VERIFIERS) verifiers.push(await verifier(installed).start());
    guards = new GuardsProcess(
      verifiers.map(({ url }) => url),
      installed.serviceKey,
    );
    const accountId = await withDatabase(stage.databaseUrl, accountOfKeys);
    return await revokeAll(installed, accountId, guards);
  } finally {
    await guards?.stop();
    await Promise.all(verifiers.map((one) => one.stop()));
  }
}

/** Revokes as the admin does, in this process, so that the moment of COMMIT's reply is known. */
async function revokeAll(installed: Installation, accountId: string, guards: GuardsProcess): Promise<number[]> {
  const config = adminConfig(installed.environment);
  const module = AdminModule.forRoot({ config, log: createLog('bench', { write: () => undefined }) });
  const admin = await NestFactory.createApplicationContext(module, { logger: false });
  try {
    const keys = admin.get<KeyStore>(KeyStore);
    const enforcement = admin.get<Enforcement>(Enforcement);
    const times: number[] = [];
    for (const key of installed.keys) {
      await untilKept(guards, key);
      const changed = await keys.revoke(accountId, key.id, { reason: 'unspecified', description: null }, bySystem('bench'));
      if (changed === null) throw new Error('there is no such key');
      const committed = performance.now();
      const { by, verifiers } = await enforcement.enforce(changed.change);
      times.push(performance.now() - committed);
      if (by !== 'acknowledgement' || verifiers !== VERIFIERS) throw new Error(`in force on ${verifiers} by ${by}`);
      const { codes } = await guards.judge(key.token);
      if (codes.some((code) => code !== 'REVOKED')) throw new Error(`a guard says ${codes.join(', ')}`);
    }
    return times.slice(WARM_UP);
  } finally {
    await admin.close();
  }
}

/** Every guard answers from what it keeps: all nine have to be told. */
async function untilKept(guards: GuardsProcess, { token }: MintedKey): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await guards.judge(token)).kept === GUARDS) return;
    await pause(20);
  }
  throw new Error('the guards keep nothing');
}

async function accountOfKeys(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ account_id: string }>('SELECT account_id FROM keys LIMIT 1');
  if (rows[0] === undefined) throw new Error('no key was minted');
  return rows[0].account_id;
}

async function measure(title: string, repeat: (stage: Stage) => Promise<number[]>): Promise<void> {
  const rows: number[][] = [];
  while (rows.length < Number(options.repetitions)) {
    await onStage(async (stage) => {
      const times = await repeat(stage);
      rows.push([percentile(times, 0.5), percentile(times, 0.99), Math.max(...times)]);
    });
  }
  print(`On ${title}:`);
  print(figureTable(['p50, ms', 'p99, ms', 'longest, ms'], rows));
}

print(machineFacts({}));
print(`${REVOCATIONS} revocations, ${VERIFIERS} verifiers, ${GUARDS} guards; ${options.repetitions} repetitions.`);
if (options.log !== 'redis') await measure('the journal in Postgres', (stage) => measureOn(stage));
if (options.log !== 'postgres') await measure('Redis', (stage) => withRedis((url) => measureOn(stage, url)));
