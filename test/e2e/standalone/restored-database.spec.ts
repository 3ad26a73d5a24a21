import { afterEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';
import { RedisServer } from '../../support/redis-server.js';
import { type Stack, startStack } from '../../support/stack.js';
import { garmentsStatus } from './embedded.js';

interface Issued {
  readonly key: string;
  readonly metadata: { readonly id: string };
}
interface Verified {
  readonly head: { readonly number: number; readonly hash: string };
}

const nameOf = ({ url }: FreshDatabase) => new URL(url).pathname.slice(1);

/** Makes one database anew as a copy of another, to which nobody may be connected. */
async function replace(database: FreshDatabase, from: FreshDatabase): Promise<void> {
  await database.drop();
  const client = new Client({ connectionString: process.env['TEST_POSTGRES_URL'] });
  await client.connect();
  await client.query(`CREATE DATABASE ${nameOf(database)} TEMPLATE ${nameOf(from)}`);
  await client.end();
}

async function issue(owner: AdminClient): Promise<Issued> {
  const { status, body } = await owner.post('/keys', { name: 'garments', scopes: ['garments:read'] });
  expect(status).toBe(201);
  return body as Issued;
}
const revoke = (owner: AdminClient, { metadata }: Issued) => owner.post(`/keys/${metadata.id}/revoke`, { reason: 'unspecified' });

describe.each(['Postgres', 'Redis'])('an installation whose log is on %s, on its database of an earlier time', (log) => {
  const after: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of after.reverse()) await end();
  });
  const kept = <Thing>(thing: Thing, end: (thing: Thing) => Promise<unknown>): Thing => {
    after.push(() => end(thing));
    return thing;
  };
  const drop = (database: FreshDatabase) => database.drop();

  test('accepts what was revoked since, and revokes it again; the noted head tells that entries are missing', async () => {
    const [database, backup] = [kept(await freshDatabase(), drop), kept(await freshDatabase(), drop)];
    const redis = log === 'Redis' ? kept(await RedisServer.start(), (server) => server.kill()) : null;
    const env = redis === null ? {} : { MINTMARK_REDIS_URL: redis.url };
    const stack: Stack = kept(await startStack({ database: { url: database.url }, env }), (started) => started.stop());
    const before = await issue(await signIn(stack));
    await stack.kill('SIGTERM');
    await replace(backup, database);
    await stack.restart();
    let owner = await signIn(stack);
    expect((await revoke(owner, before)).status).toBe(200);
    const since = await issue(owner);
    const { head } = (await owner.post('/audit/verify', {})).body as Verified;
    await stack.kill('SIGTERM');

    await replace(database, backup);
    await redis?.command('FLUSHALL');
    await stack.restart();
    expect(await Promise.all([before, since].map(({ key }) => garmentsStatus(stack, key)))).toEqual([200, 401]);
    owner = await signIn(stack);
    expect((await owner.post('/audit/verify', { noted: head })).body).toMatchObject({ firstBroken: { fault: 'cut_off' } });
    expect((await revoke(owner, before)).body).toMatchObject({ enforced: { verifiers: 1 } });
    expect(await garmentsStatus(stack, before.key)).toBe(401);
  });
});
