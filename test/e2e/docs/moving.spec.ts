import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Key, tokenSha256 } from '#libs/key-domain';
import { commandBlocks } from '../../support/documents.js';
import { recordSecret } from '../../support/evidence.js';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';
import { runShell } from '../../support/shell.js';
import { type Installation, startInstallation } from '../verifier/installation.js';

type ListedKey = Pick<Key, 'name' | 'rateLimits' | 'quota'>;

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'dist/apps/cli/src/main.js');
const SCOPES = ['garments:read', 'garments:write', 'files:read', 'documents:read', 'documents:write'];
const BATCH_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\t': '\\t' };

/** A block of a guide, as it is printed. */
async function block(guide: string, language: 'sql' | 'js', place = 0): Promise<string> {
  const text = await readFile(join(ROOT, 'docs', guide), 'utf8');
  const found = [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))][place]?.[1];
  if (found === undefined) throw new Error(`${guide} has no such block`);
  return found;
}

function aToken(prefix: string): string {
  const token = `${prefix}${randomBytes(24).toString('hex')}`;
  recordSecret('token', token);
  return token;
}
const sha256 = (token: string) => createHash('sha256').update(token).digest();

/** As the `mysql` client writes rows with `--batch`. */
function batchOf(rows: readonly (readonly unknown[])[]): string {
  const field = (value: unknown) => String(value).replace(/[\\\n\t]/g, (character) => BATCH_ESCAPES[character] ?? '');
  return rows.map((row) => `${row.map(field).join('\t')}\n`).join('');
}

describe('a guide', () => {
  let installation: Installation;
  let home: string;
  let database: FreshDatabase;
  let former: Client;
  let managementKey: string;
  let steps: { readonly [step in 'scopes' | 'import' | 'show' | 'asUsed']: string };

  beforeAll(async () => {
    installation = await startInstallation();
    for (const name of SCOPES) await installation.admin.post('/scopes', { name, description: name });
    managementKey = (await installation.mint({ scopes: ['mintmark:keys:read', 'mintmark:keys:write'] })).token;
    home = await mkdtemp(join(tmpdir(), 'mintmark-moving-'));
    await mkdir(join(home, 'bin'));
    await writeFile(join(home, 'bin/mintmark'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
    await chmod(join(home, 'bin/mintmark'), 0o755);
    database = await freshDatabase();
    former = new Client({ connectionString: database.url });
    await former.connect();
    const scripts = (await commandBlocks(ROOT)).filter(({ file }) => file === 'docs/import.md').map(({ script }) => script);
    const [scopes = '', moved = '', show = '', asUsed = ''] = scripts;
    expect(scripts).toHaveLength(4);
    steps = { scopes, import: moved, show, asUsed };
  }, 60_000);
  afterAll(async () => {
    await former.end();
    await database.drop();
    await installation.stop();
    await rm(home, { recursive: true });
  });

  const judged = (token: string) => installation.verifier.code({ tokenSha256: tokenSha256(token) });
  const env = (more: Readonly<Record<string, string>> = {}) => ({
    ...{ HOME: home, PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`, XDG_CONFIG_HOME: join(home, 'config') },
    ...{ MINTMARK_ADMIN_URL: installation.stack.adminUrl, MINTMARK_MANAGEMENT_KEY: managementKey, ...more },
  });
  const run = (script: string, more?: Readonly<Record<string, string>>) => runShell(script, { cwd: home, env: env(more) });

  /** Imports lines as docs/import.md has it, and shows a key to Mintmark. @returns what it is now */
  async function moveOver(lines: string, oldKey: string): Promise<unknown> {
    await writeFile(join(home, 'keys.jsonl'), lines);
    await rm(join(home, 'answers.jsonl'), { force: true });
    const imported = await run(steps.import);
    expect([imported.exitCode, await readFile(join(home, 'answers.jsonl'), 'utf8')]).toEqual([
      0,
      expect.not.stringContaining('error'),
    ]);
    const shown = await run(steps.show, { OLD_KEY: oldKey });
    return JSON.parse(shown.stdout);
  }
  const exported = async (statement: string) => {
    const { rows } = await former.query<[unknown]>({ text: statement, rowMode: 'array' });
    return rows.map(([line]) => `${JSON.stringify(line)}\n`).join('');
  };
  const script = async (guide: string, place: number, name: string) =>
    writeFile(join(home, name), await block(guide, 'js', place));

  test('brings in a key of which nobody has the text as it is used', async () => {
    const token = aToken('old_');
    expect(await judged(token)).toBe('NOT_FOUND');
    expect(await installation.verifier.code({ token })).toBe('MALFORMED'); // no key of the account was imported yet
    const { exitCode, stdout } = await run(steps.asUsed, { OLD_KEY: token });
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, { line: 1, keyId: expect.any(String), existing: false }]);
    expect(await judged(token)).toBe('VALID');
    expect(await installation.verifier.code({ token: aToken('old_') })).toBe('NOT_FOUND');
  });

  test('tells which scopes the lines name', async () => {
    await writeFile(join(home, 'keys.jsonl'), '{"scopes":["b:read","a:read"]}\n{}\n{"scopes":["a:read"]}\n');
    expect((await run(steps.scopes)).stdout).toBe('a:read\nb:read\n');
  });

  describe('from better-auth', () => {
    /** As better-auth 1.7.5 makes it on Postgres. */
    const TABLE = `
      CREATE TABLE apikey (
        "id" text NOT NULL PRIMARY KEY, "configId" text NOT NULL, "name" text, "start" text, "referenceId" text NOT NULL, "prefix" text,
        "key" text NOT NULL, "refillInterval" integer, "refillAmount" integer, "lastRefillAt" timestamptz, "enabled" boolean,
        "rateLimitEnabled" boolean, "rateLimitTimeWindow" integer, "rateLimitMax" integer, "requestCount" integer, "remaining" integer,
        "lastRequest" timestamptz, "expiresAt" timestamptz, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL,
        "permissions" text, "metadata" text
      )`;
    /** A key that better-auth 1.7.5 made, and what it stored of it. */
    const KEY = 'acme_KsYPPSQgfpjNVJgqHOylLQNETDWYFkYZNItlzVtQeJYVvcAZrIVHabmIEvJEteJw';
    const STORED = 'fdjvKXeVuzuSBVzRU6iBmqJQaXK9LMCVJdsxxxJlhss';

    async function insert(row: Readonly<Record<string, unknown>>): Promise<void> {
      const full = {
        configId: 'default',
        referenceId: 'user_1',
        createdAt: '2024-05-06T07:08:09.123Z',
        updatedAt: 'now',
        ...row,
      };
      const columns = Object.keys(full).map((column) => `"${column}"`);
      const places = columns.map((_, index) => `$${index + 1}`);
      await former.query(`INSERT INTO apikey (${columns.join()}) VALUES (${places.join()})`, Object.values(full));
    }

    test('moves every key that would be accepted there, with what was said of it', async () => {
      recordSecret('token', KEY);
      await former.query(TABLE);
      const [disabled, bare, expired, used, refilled] = ['d_', 'b_', 'e_', 'u_', 'r_'].map(aToken) as [
        string,
        string,
        string,
        string,
        string,
      ];
      const stored = (token: string) => sha256(token).toString('base64url');
      const permissions = '{"garments":["read","write"],"files":["read"]}';
      const metadata = '{"plan":"pro","none":null}';
      const limits = {
        rateLimitMax: 10,
        rateLimitTimeWindow: 86_400_000,
        remaining: 40,
        refillAmount: 50,
        refillInterval: 604_800_000,
      };
      await insert({
        ...{ id: '1', key: STORED, name: 'one', enabled: true, expiresAt: '2099-01-01', permissions, metadata },
        ...{ ...limits, rateLimitEnabled: true, lastRefillAt: new Date() },
      });
      await insert({
        id: '2',
        key: stored(disabled),
        name: ' ',
        enabled: false,
        metadata: 'null',
        rateLimitEnabled: false,
        rateLimitMax: 1,
      });
      await insert({ id: '3', key: stored(bare), name: 'n'.repeat(120), enabled: null });
      await insert({ id: '4', key: stored(expired), expiresAt: '2020-01-01' });
      await insert({ id: '5', key: stored(used), remaining: 0 });
      await insert({ id: '6', key: stored(refilled), remaining: 0, refillAmount: 10, refillInterval: 3_600_000 });
      const lines = await exported(await block('moving-from-better-auth.md', 'sql'));
      expect(await moveOver(lines, KEY)).toMatchObject({
        name: 'one',
        scopes: ['files:read', 'garments:read', 'garments:write'],
        rateLimits: [{ name: 'better-auth', limit: 10, windowSeconds: 86_400 }],
        quota: { remaining: 40, refill: { amount: 50, interval: 'month' } },
      });
      const codes = await Promise.all([KEY, disabled, bare, expired, used, refilled].map(judged));
      expect(codes).toEqual(['VALID', 'DISABLED', 'VALID', 'NOT_FOUND', 'QUOTA_EXCEEDED', 'VALID']);
      const { body } = await installation.admin.get('/keys?ownerId=user_1');
      const { data } = body as { readonly data: readonly ListedKey[] };
      expect(data.find(({ name }) => name === 'one')).toMatchObject({
        ...{ createdAt: '2024-05-06T07:08:09.123Z', metadata: { plan: 'pro', none: null }, lastFour: null },
      });
      const limited = data.filter(({ rateLimits, quota }) => rateLimits.length > 0 || quota !== null);
      expect(limited.map(({ quota }) => quota)).toEqual([
        { remaining: 9, refill: { amount: 10, interval: 'hour' } },
        { remaining: 0, refill: null },
        { remaining: 39, refill: { amount: 50, interval: 'month' } },
      ]);
    });

    afterEach(() => former.query('RESET search_path; RESET TIME ZONE'));

    const snakeCase = (name: string) => name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
    const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const named = (sql: string, as: (name: string) => string) => sql.replace(/"(\w+)"/g, (_, name: string) => `"${as(name)}"`);
    test.each([
      ['Drizzle', snakeCase],
      ['Prisma', camelCase],
    ])('moves those of a table that %s made', async (maker, as) => {
      const token = aToken('ot_');
      await former.query(`CREATE SCHEMA ${maker}; SET search_path TO ${maker}`);
      await former.query(named(TABLE, as).replaceAll('timestamptz', 'timestamp'));
      const columns = `"id", "configId", "name", "referenceId", "key", "createdAt", "updatedAt", "expiresAt", "permissions", "remaining"`;
      await former.query(
        `INSERT INTO apikey (${named(columns, as)})
         VALUES ('${maker}', 'default', 'moved', $2, $1, '2024-05-06 07:08:09.123', now(), '2099-01-01 00:00:00', '{"files":["read"]}', 3)`,
        [sha256(token).toString('base64url'), maker],
      );
      await former.query(`SET TIME ZONE 'Asia/Tokyo'`); // of whoever exports
      const [statement, view] = [
        await block('moving-from-better-auth.md', 'sql'),
        await block('moving-from-better-auth.md', 'sql', 1),
      ];
      const columnsAs = maker === 'Prisma' ? named(view, camelCase) : view;
      expect(await moveOver(await exported(`${columnsAs}${statement}`), token)).toMatchObject({
        ...{ name: 'moved', scopes: ['files:read'], expiresAt: '2099-01-01T00:00:00.000Z', quota: { remaining: 3 } },
      });
      expect(await judged(token)).toBe('VALID');
      const { body } = await installation.admin.get(`/keys?ownerId=${maker}`);
      expect(body).toMatchObject({ data: [{ createdAt: '2024-05-06T07:08:09.123Z' }] });
    });
  });

  describe('from a table of one’s own', () => {
    const TABLE = `
      CREATE TABLE api_keys (
        id bigserial PRIMARY KEY, user_id bigint NOT NULL, name text, key_hash FORM NOT NULL, scopes text[], created_at timestamptz NOT NULL,
        expires_at timestamptz, revoked_at timestamptz
      )`;
    const forms: readonly [string, string, string, (token: string) => string | Buffer][] = [
      ['hexadecimal', 'text', 'key_hash', (token) => sha256(token).toString('hex')],
      ['base64', 'text', 'key_hash', (token) => sha256(token).toString('base64')],
      ['base64url', 'text', 'key_hash', (token) => sha256(token).toString('base64url')],
      ['bytes', 'bytea', "encode(key_hash, 'hex')", sha256],
      ['the key itself', 'text', "encode(sha256(convert_to(key_hash, 'UTF8')), 'hex')", (token) => token],
    ];

    test.each(forms)('moves keys of which it holds %s', async (_, type, expression, stored) => {
      expect(await readFile(join(ROOT, 'docs/moving-from-your-own-table.md'), 'utf8')).toContain(`\`${expression}\``);
      const [good, revoked, expired] = ['acme_', 'acme_', 'acme_'].map(aToken) as [string, string, string];
      await former.query(TABLE.replace('FORM', type));
      const insert = `INSERT INTO api_keys (user_id, name, key_hash, scopes, created_at, expires_at, revoked_at)
        VALUES (7, 'Billing', $1, '{files:read}', '2021-02-03T04:05:06Z', $2, $3)`;
      await former.query(insert, [stored(good), '2099-01-01', null]);
      await former.query(insert, [stored(revoked), null, '2022-01-01']);
      await former.query(insert, [stored(expired), '2022-01-01', null]);
      const statement = await block('moving-from-your-own-table.md', 'sql');
      const lines = await exported(
        statement.replace("'sha256', key_hash", `'sha256', ${expression}`).replace("'api_keys:' || id", `'${good.slice(-9)}'`),
      );
      await former.query('DROP TABLE api_keys');
      expect(await moveOver(lines, good)).toMatchObject({
        name: 'Billing',
        scopes: ['files:read'],
        expiresAt: '2099-01-01T00:00:00.000Z',
      });
      expect(await Promise.all([good, revoked, expired].map(judged))).toEqual(['VALID', 'NOT_FOUND', 'NOT_FOUND']);
    });
  });

  describe('from Unkey', () => {
    /** The columns that count, of the tables that its schema describes. */
    const TABLES = `
      CREATE SCHEMA unkey;
      CREATE TABLE unkey.apis (id text, key_auth_id text);
      CREATE TABLE unkey.identities (id text, external_id text);
      CREATE TABLE unkey.permissions (id text, slug text);
      CREATE TABLE unkey.ratelimits (name text, key_id text, identity_id text, "limit" int, duration bigint, auto_apply smallint);
      CREATE TABLE unkey.keys_permissions (key_id text, permission_id text);
      CREATE TABLE unkey.keys_roles (key_id text, role_id text);
      CREATE TABLE unkey.roles_permissions (role_id text, permission_id text);
      CREATE TABLE unkey.keys (
        id text, key_auth_id text, hash text, name text, owner_id text, identity_id text, meta text, expires timestamp(3), created_at_m bigint,
        deleted_at_m bigint, refill_day smallint, refill_amount int, enabled smallint DEFAULT 1, remaining_requests int, environment text, pending_migration_id text
      );
      INSERT INTO unkey.apis VALUES ('api_1234', 'ks_1'), ('api_5678', 'ks_2');
      INSERT INTO unkey.identities VALUES ('id_1', 'cus_1');
      INSERT INTO unkey.permissions VALUES ('p1', 'documents.read'), ('p2', 'documents.write'), ('p3', 'files:read');
      INSERT INTO unkey.keys_permissions VALUES ('key_1', 'p1'), ('key_1', 'p3');
      INSERT INTO unkey.keys_roles VALUES ('key_1', 'r1');
      INSERT INTO unkey.ratelimits VALUES ('per minute', 'key_1', NULL, 60, 60000, 1), ('requests', 'key_1', NULL, 5, 1500, 1),
        ('heavy', 'key_1', NULL, 1, 1000, 0), ('shared', NULL, 'id_1', 1, 1000, 1), ('requests', 'key_2', NULL, 9, 1000, 1);
      INSERT INTO unkey.roles_permissions VALUES ('r1', 'p1'), ('r1', 'p2')`;

    async function insert(id: string, token: string, row: Readonly<Record<string, unknown>>): Promise<void> {
      const full = { id, key_auth_id: 'ks_1', hash: sha256(token).toString('base64'), created_at_m: 1_701_425_400_000, ...row };
      const places = Object.keys(full).map((_, index) => `$${index + 1}`);
      await former.query(`INSERT INTO unkey.keys (${Object.keys(full).join()}) VALUES (${places.join()})`, Object.values(full));
    }

    test('moves the keys that its database holds, with the permissions of their roles', async () => {
      await former.query(TABLES);
      const tokens = ['sk_', 'sk_', 'sk_', 'sk_', 'sk_', 'sk_', 'sk_'].map(aToken) as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const [whole, bare, deleted, expired, used, foreign, pending] = tokens;
      const meta = '{"plan":"a\\tb \\\\ c\\n","none":null}';
      await insert('key_1', whole, {
        name: 'a\tname\n',
        identity_id: 'id_1',
        meta,
        expires: '2099-01-02 03:04:05.678',
        environment: 'prod',
        ...{ remaining_requests: 70, refill_amount: 100, refill_day: 15 },
      });
      await insert('key_2', bare, { enabled: 0, owner_id: 'own_2' });
      await insert('key_3', deleted, { deleted_at_m: 1 });
      await insert('key_4', expired, { expires: '2020-01-02 03:04:05.678' });
      await insert('key_5', used, { remaining_requests: 0 });
      await insert('key_6', foreign, { key_auth_id: 'ks_2' });
      await insert('key_7', pending, { pending_migration_id: 'm_1' });
      const { rows } = await former.query<unknown[]>({ text: await block('moving-from-unkey.md', 'sql'), rowMode: 'array' });
      await writeFile(join(home, 'rows'), batchOf(rows));
      await script('moving-from-unkey.md', 1, 'unkey-rows.mjs');
      const { stdout, exitCode } = await run('node unkey-rows.mjs < rows');
      expect(exitCode).toBe(0);
      expect(await moveOver(stdout, whole)).toMatchObject({
        ...{ name: 'a\tname', environment: 'prod', expiresAt: '2099-01-02T03:04:05.678Z' },
        scopes: ['documents:read', 'documents:write', 'files:read'],
        rateLimits: [
          { name: 'per-minute', limit: 60, windowSeconds: 60 },
          { name: 'requests', limit: 5, windowSeconds: 2 },
        ],
        quota: { remaining: 70, refill: { amount: 100, interval: 'month' } },
      });
      const codes = await Promise.all(tokens.map(judged));
      expect(codes).toEqual(['VALID', 'DISABLED', 'NOT_FOUND', 'NOT_FOUND', 'QUOTA_EXCEEDED', 'NOT_FOUND', 'NOT_FOUND']);
      const { body } = await installation.admin.get('/keys?ownerId=cus_1');
      expect(body).toMatchObject({ data: [{ metadata: JSON.parse(meta) as object, createdAt: '2023-12-01T10:10:00.000Z' }] });
    });

    test('moves the recoverable keys that its API gives out, page by page, and names the others', async () => {
      const [whole, second] = ['sk_live_', 'sk_live_'].map(aToken) as [string, string];
      const common = { start: 'sk_live', enabled: true, createdAt: 1_704_067_200_000 };
      const pages: Readonly<Record<string, object>> = {
        first: {
          meta: { requestId: 'req_1' },
          data: [
            {
              ...common,
              keyId: 'key_11111111',
              plaintext: whole,
              name: 'One',
              permissions: ['documents.read'],
              roles: ['editor'],
              meta: { plan: 'premium' },
              identity: { externalId: 'user_5' },
              credits: { remaining: 500, refill: { interval: 'daily', amount: 1_000 } },
              ratelimits: [
                { id: 'rl_1', name: 'requests', limit: 100, duration: 60_000, autoApply: true },
                { id: 'rl_2', name: 'heavy', limit: 1, duration: 60_000, autoApply: false },
              ],
            },
            { ...common, keyId: 'key_22222222', name: 'Not recoverable' },
          ],
          pagination: { cursor: 'key_22222222', hasMore: true },
        },
        key_22222222: {
          meta: { requestId: 'req_2' },
          data: [
            { ...common, keyId: 'key_33333333', plaintext: second, expires: 4_070_908_800_000, credits: { remaining: null } },
          ],
          pagination: { hasMore: false },
        },
      };
      const unkey = await serve(pages);
      await script('moving-from-unkey.md', 0, 'unkey-keys.mjs');
      const UNKEY_URL = `http://127.0.0.1:${(unkey.address() as AddressInfo).port}`;
      const { stdout, stderr, exitCode } = await run('node unkey-keys.mjs api_1234', { UNKEY_URL, UNKEY_ROOT_KEY: 'unkey_root' });
      unkey.close();
      expect([exitCode, stderr]).toEqual([0, 'not recoverable: key_22222222\n']);
      expect(await moveOver(stdout, whole)).toMatchObject({
        ...{ name: 'One', scopes: ['documents:read'], quota: { remaining: 500, refill: { amount: 1_000, interval: 'day' } } },
        rateLimits: [{ name: 'requests', limit: 100, windowSeconds: 60 }],
      });
      expect(await Promise.all([whole, second].map(judged))).toEqual(['VALID', 'VALID']);
      const { body } = await installation.admin.get('/keys?ownerId=user_5');
      const lastFour = whole.slice(-4);
      expect(body).toMatchObject({ data: [{ lastFour, metadata: { plan: 'premium' }, createdAt: '2024-01-01T00:00:00.000Z' }] });
    });

    /** Answers as the specification of `apis.listKeys` has it. */
    async function serve(pages: Readonly<Record<string, object>>): Promise<Server> {
      const server = createServer((request, response) => {
        let text = '';
        request.on('data', (part: Buffer) => (text += part.toString()));
        request.on('end', () => {
          const body = JSON.parse(text) as { readonly cursor?: string };
          expect([request.method, request.url, request.headers.authorization]).toEqual([
            'POST',
            '/v2/apis.listKeys',
            'Bearer unkey_root',
          ]);
          expect(body).toMatchObject({ apiId: 'api_1234', decrypt: true });
          response.setHeader('content-type', 'application/json').end(JSON.stringify(pages[body.cursor ?? 'first']));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }
  });
});
