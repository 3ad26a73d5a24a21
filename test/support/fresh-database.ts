import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { dropDatabase } from './drop-database.js';

export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A new, empty database on the run's server. Left undropped, it is dumped for `evidence` when the run ends. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const name = `${variable('MINTMARK_TEST_DATABASE_PREFIX')}${randomBytes(6).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => dropDatabase(serverUrl(), name) };
}

function serverUrl(): string {
  return variable('TEST_POSTGRES_URL');
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is set by test/support/global-setup.js; run this test in the project conformance or e2e`);
  return value;
}

async function onServer(statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
