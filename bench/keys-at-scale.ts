/*
 * What the size of an account costs: every list of its keys, an issue and a revocation, through the adapters that the
 * admin uses, with 10,000 keys and with many more. Two Postgres servers run side by side, and each thing is done on the one and on the
 * other in turn.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { bySystem, type KeyFilter, newId, type NewKey, STARTING_FORMATS } from '#libs/key-domain';
import { createLog } from '#libs/observability';
import { PersistenceModule, PostgresInstallationStore, PostgresKeyStore } from '#libs/persistence';
import { fillWithKeys } from './harness/many-keys.js';
import { machineFacts, sizeTable } from './harness/report.js';
import { print, runBench } from './harness/run.js';
import { onStage, postgresVersion, type Stage, withDatabase } from './harness/stage.js';
import { median } from './harness/statistics.js';

const FEW = 10_000;
const PAGE = 50;
/** How much of all keys is left below a page; that it is the last one means: the oldest at which 10,000 keys fill it. */
const MIDDLE = 0.5;
const NEAR_THE_END = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4];
const DAY_MS = 86_400_000;
const BENCH = bySystem('bench');

const { values: options } = parseArgs({ options: { keys: { type: 'string' }, repetitions: { type: 'string' } } });
const MANY = Number(options.keys ?? 10_000_000);
const repetitions = Number(options.repetitions ?? 15);

const from = (days: number) => new Date(Date.now() + days * DAY_MS);

const FILTERS: Readonly<Record<string, KeyFilter>> = {
  'every key': {},
  'status=active': { status: 'active' },
  'status=disabled': { status: 'disabled' },
  'status=revoked': { status: 'revoked' },
  'status=expired': { status: 'expired' },
  'environment=test': { environment: 'test' },
  ownerId: { ownerId: 'customer-0' },
  productId: { productId: 'product-7' },
  'scope, by name or wildcard': { scope: 'r3:a4' },
  'scope=*': { scope: '*' },
  'search, a word': { search: 'team42' },
  'search, the beginning of every name': { search: 'team' },
  'search, two words': { search: 'report team7' },
  'expiresBefore in a month': { expiresBefore: from(30) },
  'unusedSince a date': { unusedSince: new Date(from(-90).setUTCHours(0, 0, 0, 0)) },
  'unusedSince a time of that day': { unusedSince: from(-90) },
  'rotationDue=true': { rotationDue: true },
  'rotationDue=false': { rotationDue: false },
};

/** An account in a database of its own. */
interface Account {
  readonly keys: PostgresKeyStore;
  readonly accountId: string;
  /** The key above so large a part of all, by their age. */
  readonly cursors: ReadonlyMap<number, string>;
  readonly app: INestApplicationContext;
}

async function accountOf(stage: Stage, count: number): Promise<Account> {
  const module = PersistenceModule.forRoot({
    url: stage.databaseUrl,
    migrate: 'run',
    log: createLog('bench', { write: () => undefined }),
  });
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  const accountId = newId('acc');
  await app.get(PostgresInstallationStore).setUp(
    {
      ...{ accountId, accountName: 'Bench', personId: newId('usr'), email: 'bench@example.com', passwordHash: 'none' },
      ...{ defaultFormat: 'default', formats: STARTING_FORMATS, scopes: [], serviceKey: aKey(accountId) },
    },
    BENCH,
  );
  const cursors = await withDatabase(stage.databaseUrl, async (client) => {
    const started = performance.now();
    await fillWithKeys(client, accountId, count);
    process.stderr.write(`filled with ${count} keys in ${Math.round((performance.now() - started) / 1000)} s\n`);
    const cursorAt = async (share: number): Promise<[number, string]> => {
      const { rows } = await client.query<{ id: string }>('SELECT id FROM keys ORDER BY id OFFSET $1 LIMIT 1', [count * share]);
      return [share, rows[0]?.id ?? ''];
    };
    const all: [number, string][] = [];
    for (const share of [...NEAR_THE_END, MIDDLE]) all.push(await cursorAt(share));
    return new Map(all);
  });
  return { keys: app.get(PostgresKeyStore), accountId, cursors, app };
}

function aKey(accountId: string): NewKey {
  return {
    ...{
      id: newId('key'),
      accountId,
      name: 'report team7 bench',
      environment: 'live',
      scopes: ['r3:a4', 'r5:a6'],
      products: ['product-7'],
    },
    ...{ format: 'default', ownerId: 'customer-42', metadata: {}, allowedCidrs: [], enabled: true, expiresAt: from(30) },
    ...{ rateLimits: [], quota: null },
    secret: { id: newId('sec'), lastFour: 'abcd', digest: { pepperId: 'p1', digest: randomBytes(32) } },
  };
}

/** Milliseconds that some work takes. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Does a thing on both in turn, once unmeasured. */
async function compared(title: string, accounts: readonly Account[], work: (account: Account) => Promise<number>) {
  const times = accounts.map((): number[] => []);
  for (let round = 0; round <= repetitions; round += 1) {
    for (const [index, account] of accounts.entries()) {
      const taken = await work(account);
      if (round > 0) times[index]?.push(taken);
    }
  }
  return { title, medians: times.map(median) };
}

/** The pages of a filter, by how much of all keys is left below them. */
async function pagesOf(filter: KeyFilter, [small]: readonly Account[]): Promise<Map<string, number | null>> {
  const pages = new Map<string, number | null>([
    ['first', null],
    ['middle', MIDDLE],
  ]);
  for (const share of NEAR_THE_END) {
    if (small !== undefined && (await page(small, filter, share)).length === PAGE) return pages.set('last', share);
  }
  return pages;
}

async function page({ keys, accountId, cursors }: Account, filter: KeyFilter, share: number | null) {
  const before = share === null ? null : (cursors.get(share) ?? null);
  return (await keys.list(accountId, filter, { limit: PAGE, before })).keys;
}

async function measure(accounts: readonly Account[]) {
  const rows = [];
  for (const [name, filter] of Object.entries(FILTERS)) {
    for (const [title, share] of await pagesOf(filter, accounts)) {
      rows.push(await compared(`${name}, ${title} page`, accounts, (account) => timed(() => page(account, filter, share))));
    }
  }
  const made = new Map<Account, string[]>();
  rows.push(
    await compared('creation', accounts, (account) => {
      const key = aKey(account.accountId);
      made.set(account, [...(made.get(account) ?? []), key.id]);
      return timed(() => account.keys.insert(key, BENCH));
    }),
    await compared('revocation', accounts, (account) => {
      const id = made.get(account)?.pop() ?? '';
      return timed(() => account.keys.revoke(account.accountId, id, { reason: 'superseded', description: null }, BENCH));
    }),
  );
  return rows;
}

await runBench(() =>
  onStage((small) =>
    onStage(async (large) => {
      const accounts = [await accountOf(small, FEW), await accountOf(large, MANY)];
      try {
        print(machineFacts({ postgres: await withDatabase(large.databaseUrl, postgresVersion) }));
        print(sizeTable([FEW, MANY], await measure(accounts)));
      } finally {
        for (const { app } of accounts) await app.close();
      }
    }),
  ),
);
