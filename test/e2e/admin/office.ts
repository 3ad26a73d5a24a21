import { hash } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { newId, type Role } from '#libs/key-domain';
import { type AdminClient, type Answer, signIn } from '../../support/admin-client.js';
import { eventually } from '../../support/eventually.js';
import { recordSecret } from '../../support/evidence.js';
import type { Stack } from '../../support/stack.js';

export interface Minted {
  readonly token: string;
  readonly id: string;
}

/** Issues a key and keeps what a test needs of the answer. */
export async function mint(admin: AdminClient, fields: object = {}): Promise<Minted> {
  const { status, body } = await admin.post('/keys', { name: 'a key', ...fields });
  if (status !== 201) throw new Error(`not issued: ${status} ${JSON.stringify(body)}`);
  const { key, metadata } = body as { readonly key: string; readonly metadata: { readonly id: string } };
  return { token: key, id: metadata.id };
}

/** The code of an error in the envelope; anything else fails. */
export function errorCode({ body }: Answer): string {
  const { error } = body as { readonly error: { readonly code: string } };
  return error.code;
}

/** Where a request was found at fault. */
export function faultPaths({ body }: Answer): string[] {
  const { error } = body as { readonly error: { readonly details: { readonly reason: readonly { readonly path: string }[] } } };
  return error.details.reason.map(({ path }) => path);
}

export interface Newcomer {
  readonly role: Role;
  /** An account that exists; another one is made if absent. */
  readonly accountId?: string;
}

/** Somebody whom no call of this version can bring in, signed in. */
export async function newcomer(stack: Stack, { role, accountId }: Newcomer): Promise<AdminClient> {
  const person = { email: `${newId('usr')}@example.com`, password: randomBytes(9).toString('base64url') };
  recordSecret('password', person.password);
  const personId = newId('usr');
  await inDatabase(stack, async (sql) => {
    const account = accountId ?? (await addAccount(sql));
    await sql('INSERT INTO people (id, email, email_folded, password_hash) VALUES ($1, $2, $2, $3)', [
      personId,
      person.email,
      await hash(person.password),
    ]);
    await sql('INSERT INTO memberships (person_id, account_id, role) VALUES ($1, $2, $3)', [personId, account, role]);
  });
  return signIn(stack, person);
}

type Sql = (statement: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;

/** Looks into the stack's database, or changes what no call can, in one transaction. */
export async function inDatabase<Result>(stack: Stack, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: stack.databaseUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    const result = await work(
      async (statement, values = []) => (await client.query(statement, [...values])).rows as Record<string, unknown>[],
    );
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
}

/** Until so many statements wait for a lock, as one that a test holds. */
export async function untilWaiting(stack: Stack, number: number): Promise<void> {
  const waiting = () =>
    inDatabase(stack, (sql) =>
      sql(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`),
    );
  const found = await eventually(waiting, ({ length }) => length >= number);
  if (found.length < number) throw new Error(`${found.length} statements wait for a lock`);
}

async function addAccount(sql: Sql): Promise<string> {
  const id = newId('acc');
  await sql("INSERT INTO accounts (id, name, default_format) VALUES ($1, 'Others', 'default')", [id]);
  await sql(
    "INSERT INTO key_formats (account_id, name, prefix, environments, encoding) VALUES ($1, 'default', 'mm', '{live,test}', 'base62')",
    [id],
  );
  return id;
}
