/*
 * verifyApiKey of better-auth, called in process as its own documentation has it, on the Postgres of BENCH_DATABASE_URL,
 * without rate limits. BENCH_KEYS, BENCH_WARM_UP_MS, BENCH_MS. Prints what it found as a line of JSON.
 */
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { pressInProcess } from '../../dist/bench/harness/crowd.js';

const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE_URL });
const options = {
  database: pool,
  secret: randomBytes(32).toString('hex'),
  baseURL: 'http://127.0.0.1',
  emailAndPassword: { enabled: true },
  plugins: [apiKey({ rateLimit: { enabled: false } })],
  logger: { disabled: true },
  telemetry: { enabled: false },
};
await (await getMigrations(options)).runMigrations();
const auth = betterAuth(options);
const email = `${randomBytes(6).toString('hex')}@example.com`;
const { user } = await auth.api.signUpEmail({ body: { email, password: randomBytes(12).toString('hex'), name: 'bench' } });
const tokens = [];
while (tokens.length < Number(process.env.BENCH_KEYS)) {
  const body = { userId: user.id, name: `bench ${tokens.length}`, permissions: { garments: ['read'] } };
  tokens.push((await auth.api.createApiKey({ body })).key);
}

async function verify(key) {
  const { valid, error } = await auth.api.verifyApiKey({ body: { key, permissions: { garments: ['read'] } } });
  if (!valid) throw new Error(`answered with ${JSON.stringify(error)}`);
}

const times = { warmUpMs: Number(process.env.BENCH_WARM_UP_MS), ms: Number(process.env.BENCH_MS) };
process.stdout.write(`${JSON.stringify(await pressInProcess(tokens, verify, times))}\n`);
await pool.end();
