import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startServer } from '../harness/server-process.js';

/** A database in which keys were minted, and what is needed to verify them. */
export interface Installation {
  /** Variables of a verifier on that database. */
  readonly environment: Readonly<Record<string, string>>;
  readonly serviceKey: string;
  /** Keys that grant {@link SCOPE}. */
  readonly keys: readonly MintedKey[];
  /** Theirs. */
  readonly tokens: readonly string[];
}

export interface MintedKey {
  readonly id: string;
  readonly token: string;
}

export const SCOPE = 'garments:read';

/** So many that Postgres finds a key by its index, as it does in earnest. */
export const KEYS = 1000;

const MINTED_AT_ONCE = 8;

export interface Minting {
  readonly count?: number;
  /** Of a key by its number: fields beside its name and its scope. */
  readonly fieldsOf?: (key: number) => object;
  /** Variables that name another log than the journal in Postgres. */
  readonly log?: Readonly<Record<string, string>>;
}

/** Mints keys the way that customers do: through the admin app. */
export async function installation(
  databaseUrl: string,
  dataDirectory: string,
  { count = KEYS, fieldsOf = () => ({}), log = {} }: Minting = {},
): Promise<Installation> {
  const password = randomBytes(12).toString('hex');
  const stores = {
    MINTMARK_HOST: '127.0.0.1',
    MINTMARK_DATABASE_URL: databaseUrl,
    ...log,
    MINTMARK_PEPPERS: `bench:${randomBytes(32).toString('base64')}`,
  };
  const admin = await startServer('dist/apps/admin/src/main.js', 'admin', {
    ...stores,
    MINTMARK_ADMIN_PORT: '0',
    MINTMARK_DATA_DIR: dataDirectory,
    MINTMARK_BOOTSTRAP_EMAIL: EMAIL,
    MINTMARK_BOOTSTRAP_PASSWORD: password,
  });
  try {
    const cookie = await signIn(admin.url, password);
    const keys: MintedKey[] = [];
    while (keys.length < count) {
      const some = Array.from({ length: Math.min(MINTED_AT_ONCE, count - keys.length) }, (_, index) => keys.length + index);
      keys.push(
        ...(await Promise.all(some.map((number) => mint(admin.url, cookie, { name: `bench ${number}`, ...fieldsOf(number) })))),
      );
    }
    const serviceKey = (await readFile(join(dataDirectory, 'service-key'), 'utf8')).trim();
    const ports = { MINTMARK_VERIFIER_GRPC_PORT: '0', MINTMARK_VERIFIER_HTTP_PORT: '0' };
    return { environment: { ...stores, ...ports }, serviceKey, keys, tokens: keys.map(({ token }) => token) };
  } finally {
    await admin.stop();
  }
}

const EMAIL = 'bench@example.com';

async function signIn(adminUrl: string, password: string): Promise<string> {
  const answer = await post(`${adminUrl}/api/v1/auth/login`, { email: EMAIL, password }, '');
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

async function mint(adminUrl: string, cookie: string, fields: object): Promise<MintedKey> {
  const answer = await post(`${adminUrl}/api/v1/keys`, { scopes: [SCOPE], ...fields }, cookie);
  const { key, metadata } = (await answer.json()) as { readonly key: string; readonly metadata: { readonly id: string } };
  return { id: metadata.id, token: key };
}

async function post(url: string, body: object, cookie: string): Promise<Response> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}
