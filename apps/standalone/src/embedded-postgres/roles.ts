import { Client } from 'pg';

/** The role that the apps sign in as, and the database that it owns; it is no superuser. */
export const APP_ROLE = 'mintmark';

/** Makes the apps' role and database where they are missing, and sets the role's password to the one kept. */
export async function ensureAppRole(superuserUrl: string, password: string): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    if ((await client.query('SELECT FROM pg_roles WHERE rolname = $1', [APP_ROLE])).rowCount === 0) {
      await client.query(`CREATE ROLE ${APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION`);
    }
    await client.query(`ALTER ROLE ${APP_ROLE} PASSWORD ${client.escapeLiteral(password)}`);
    if ((await client.query('SELECT FROM pg_database WHERE datname = $1', [APP_ROLE])).rowCount === 0) {
      await client.query(`CREATE DATABASE ${APP_ROLE} OWNER ${APP_ROLE}`);
    }
    await client.query(`REVOKE CONNECT ON DATABASE ${APP_ROLE} FROM PUBLIC`);
  } finally {
    await client.end();
  }
}
