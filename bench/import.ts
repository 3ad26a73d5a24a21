/*
 * How long an import over HTTP takes, against a bare COPY of the rows that it made, into the same tables with the same indexes
 * and triggers: in turn, in one database. Each line brings the SHA-256 of a token, a name and an owner; with `--line-keys` a line
 * key too, of which there is then a row to copy.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { from, to } from 'pg-copy-streams';
import { figureTable, machineFacts } from './harness/report.js';
import { print } from './harness/run.js';
import { type ServerProcess, startServer } from './harness/server-process.js';
import { onStage, type Stage, withDatabase } from './harness/stage.js';

const { values: options } = parseArgs({
  options: {
    keys: { type: 'string', default: '100000' },
    repetitions: { type: 'string', default: '3' },
    'line-keys': { type: 'boolean', default: false },
  },
});
const KEYS = Number(options.keys);
const WITH_LINE_KEYS = options['line-keys'];
const EMAIL = 'bench@example.com';
const TABLES = ['keys', 'secrets', ...(WITH_LINE_KEYS ? ['import_lines'] : [])];
/** Milliseconds between two looks at the admin's memory. */
const MEMORY_INTERVAL_MS = 250;

/** Seconds of an import and of a COPY, how many times as long the import took, and the admin's memory before it and at most, in MiB. */
type Figures = readonly [imported: number, copied: number, ratio: number, before: number, most: number];

async function measure(stage: Stage, repetitions: number): Promise<Figures[]> {
  const password = randomBytes(12).toString('hex');
  const admin = await startServer('dist/apps/admin/src/main.js', 'admin', {
    MINTMARK_HOST: '127.0.0.1',
    MINTMARK_DATABASE_URL: stage.databaseUrl,
    MINTMARK_PEPPERS: `bench:${randomBytes(32).toString('base64')}`,
    MINTMARK_ADMIN_PORT: '0',
    MINTMARK_DATA_DIR: stage.directory,
    MINTMARK_BOOTSTRAP_EMAIL: EMAIL,
    MINTMARK_BOOTSTRAP_PASSWORD: password,
  });
  try {
    const cookie = await signIn(admin.url, password);
    return await withDatabase(stage.databaseUrl, async (client) => {
      const figures: Figures[] = [];
      while (figures.length < repetitions) {
        await client.query('TRUNCATE keys, key_terms CASCADE');
        const before = await admin.residentMiB();
        const { most, value: imported } = await mostMemory(admin, () => seconds(() => importKeys(admin.url, cookie)));
        for (const table of TABLES)
          await pipeline(client.query(to(`COPY ${table} TO STDOUT`)), createWriteStream(file(stage, table)));
        await client.query('TRUNCATE keys, key_terms CASCADE');
        const copied = await seconds(() => copyBack(client, stage));
        figures.push([imported, copied, imported / copied, before, most]);
        print(
          `imported in ${imported.toFixed(1)} s, copied in ${copied.toFixed(1)} s; the admin's memory: ${most.toFixed(0)} MiB at most`,
        );
      }
      return figures;
    });
  } finally {
    await admin.stop();
  }
}

async function copyBack(client: pg.Client, stage: Stage): Promise<void> {
  for (const table of TABLES)
    await pipeline(createReadStream(file(stage, table)), client.query(from(`COPY ${table} FROM STDIN`)));
}

function file({ directory }: Stage, table: string): string {
  return join(directory, `${table}.copy`);
}

/** The most memory that the admin holds while `work` goes on. */
async function mostMemory<Value>(admin: ServerProcess, work: () => Promise<Value>): Promise<{ most: number; value: Value }> {
  const state = { most: 0, working: true };
  const looking = (async () => {
    while (state.working) {
      state.most = Math.max(state.most, await admin.residentMiB());
      await sleep(MEMORY_INTERVAL_MS);
    }
  })();
  const value = await work().finally(() => (state.working = false));
  await looking;
  return { most: state.most, value };
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

function* lines(): Generator<string> {
  for (let first = 0; first < KEYS; first += 1_000) {
    yield Array.from({ length: Math.min(1_000, KEYS - first) }, (_, index) => line(first + index)).join('');
  }
}

function line(number: number): string {
  const sha256 = createHash('sha256').update(randomBytes(16)).digest('hex');
  const lineKey = WITH_LINE_KEYS ? { lineKey: `row-${number}` } : {};
  return `${JSON.stringify({ sha256, name: `Key ${number}`, ownerId: `cus_${number}`, environment: 'live', ...lineKey })}\n`;
}

/** Sends the lines and reads the answers at once; every one must name a key. */
async function importKeys(adminUrl: string, cookie: string): Promise<void> {
  let answered = 0;
  await new Promise<void>((resolve, reject) => {
    const headers = { cookie, 'content-type': 'application/x-ndjson' };
    const sending = request(`${adminUrl}/api/v1/keys/import`, { method: 'POST', headers }, (response) => {
      response.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('"error"')) reject(new Error(`not imported: ${text.slice(0, 500)}`));
        answered += text.split('\n').length - 1;
      });
      response.on('end', resolve).on('error', reject);
    });
    sending.on('error', reject);
    pipeline(Readable.from(lines()), sending).catch(reject);
  });
  if (answered !== KEYS) throw new Error(`${answered} of ${KEYS} lines were answered`);
}

async function signIn(adminUrl: string, password: string): Promise<string> {
  const answer = await fetch(`${adminUrl}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: EMAIL, password }),
  });
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

await onStage(async (stage) => {
  print(machineFacts({}));
  const figures = await measure(stage, Number(options.repetitions));
  const titles = [
    `import of ${KEYS} keys, s`,
    'COPY of the same rows, s',
    'ratio',
    'memory of the admin before, MiB',
    'at most, MiB',
  ];
  print(figureTable(titles, figures));
});
