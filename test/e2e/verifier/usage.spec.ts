import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { eventually } from '../../support/eventually.js';
import { freshDatabase } from '../../support/fresh-database.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { errorCode, faultPaths, inDatabase, newcomer } from '../admin/office.js';
import { type Installation, type Minted, startInstallation } from './installation.js';
import { failureOf } from './outside-client.js';
import { OutsideGuard } from './outside-guard.js';

/** Verifiers add what they counted every five seconds. */
const FLUSH_MS = 5_000;
const HOUR_MS = 3_600_000;

interface Series {
  readonly data: readonly {
    readonly start: string;
    readonly total: number;
    readonly outcomes: Readonly<Record<string, number>>;
  }[];
  readonly granularity: string;
  readonly from: string;
  readonly to: string;
}

async function seriesOf(admin: AdminClient, path: string): Promise<Series> {
  const { status, body } = await admin.get(path);
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body as Series;
}

/** Over the whole series, since an hour may end during a test. */
function sum({ data }: Series): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { total, outcomes } of data) {
    expect(Object.values(outcomes).reduce((all, count) => all + count, 0)).toBe(total);
    for (const [outcome, count] of Object.entries(outcomes)) sums[outcome] = (sums[outcome] ?? 0) + count;
  }
  return sums;
}

async function eventualSum(admin: AdminClient, path: string, wanted: Readonly<Record<string, number>>) {
  const same = (found: Series) => JSON.stringify(sorted(sum(found))) === JSON.stringify(sorted(wanted));
  return sum(await eventually(() => seriesOf(admin, path), same, 20_000));
}

const sorted = (sums: Readonly<Record<string, number>>) => Object.entries(sums).sort(([one], [other]) => (one < other ? -1 : 1));

describe('usage', () => {
  let installation: Installation;
  let admin: AdminClient;
  beforeAll(async () => {
    installation = await startInstallation();
    ({ admin } = installation);
  });
  afterAll(() => installation.stop());
  const ask = (token: string, rest: object = {}) => installation.verifier.verifyToken({ token, ...rest });

  test('of a key and of its account shows each outcome as often as it was told', async () => {
    const [one, other] = [await installation.mint({ scopes: ['garments:read'] }), await installation.mint()];
    for (let turn = 0; turn < 3; turn += 1) await ask(one.token);
    await ask(one.token, { cost: 0 });
    await ask(one.token, { requiredScopes: ['garments:write'] });
    await ask('mm_live_nobodyknowsthis');
    await installation.verifier.verifyTokens([
      { token: one.token, environment: 'test' },
      { token: other.token },
      { token: other.token },
    ]);
    await installation.revoke(one);
    await ask(one.token);
    const ofOne = { VALID: 4, INSUFFICIENT_SCOPE: 1, ENVIRONMENT_MISMATCH: 1, REVOKED: 1 };
    for (const granularity of ['hour', 'day']) {
      const query = `?granularity=${granularity}`;
      expect(await eventualSum(admin, `/keys/${one.id}/usage${query}`, ofOne)).toEqual(ofOne);
      expect(await eventualSum(admin, `/keys/${other.id}/usage${query}`, { VALID: 2 })).toEqual({ VALID: 2 });
      expect(await eventualSum(admin, `/usage${query}`, { ...ofOne, VALID: 6 })).toEqual({ ...ofOne, VALID: 6 });
    }
  }, 60_000);

  test('is told by whole hours or days, also of those in which nothing happened', async () => {
    const { id } = await installation.mint();
    const from = new Date(Date.now() - 3 * HOUR_MS).toISOString();
    const hours = await seriesOf(admin, `/keys/${id}/usage?from=${from}`);
    const first = Math.floor(Date.parse(from) / HOUR_MS) * HOUR_MS;
    expect(hours).toMatchObject({ granularity: 'hour', from: new Date(first).toISOString() });
    expect(hours.data.slice(0, 4)).toEqual(
      [0, 1, 2, 3].map((n) => ({ start: new Date(first + n * HOUR_MS).toISOString(), total: 0, outcomes: {} })),
    );
    expect((await seriesOf(admin, '/usage?granularity=day')).data.length).toBeGreaterThanOrEqual(30);
  });

  test('counts what a guard answered by itself, of keys that it holds and of no others', async () => {
    const guard = await OutsideGuard.open(installation.stack.verifierGrpc, `Bearer ${installation.stack.serviceKey}`);
    const { sessionId: guardSessionId } = guard;
    const [held, never] = [await installation.mint(), await installation.mint()];
    await installation.revoke(await installation.mint()); // in force only when the changes before it are
    await ask(held.token, { guardSessionId });
    const usage = await Promise.all(
      [held, never].map(async (key) => ({
        ...{ keyId: key.id, secretId: await secretOf(key), verifications: 41 },
        sinceLast: { seconds: 0, nanos: 0 },
      })),
    );
    await installation.verifier.reportUsage({ guardSessionId, usage });
    await ask(never.token);
    expect(await eventualSum(admin, `/keys/${held.id}/usage`, { VALID: 42 })).toEqual({ VALID: 42 });
    expect(await eventualSum(admin, `/keys/${never.id}/usage`, { VALID: 1 })).toEqual({ VALID: 1 });
    guard.close();
  }, 60_000);

  test('counts a management key at each of its calls', async () => {
    const { id, token } = await installation.mint({ scopes: ['mintmark:keys:read'] });
    const call = () => fetch(`${installation.stack.adminUrl}/api/v1/usage`, { headers: { authorization: `Bearer ${token}` } });
    for (let turn = 0; turn < 3; turn += 1) expect((await call()).status).toBe(200);
    expect(await eventualSum(admin, `/keys/${id}/usage`, { VALID: 3 })).toEqual({ VALID: 3 });
  }, 60_000);

  test('of a key that is deleted is gone with it, and stays in the sum of the account', async () => {
    const { id, token } = await installation.mint();
    await ask(token);
    expect(await eventualSum(admin, `/keys/${id}/usage`, { VALID: 1 })).toEqual({ VALID: 1 });
    const before = sum(await seriesOf(admin, '/usage'));
    expect((await admin.delete(`/keys/${id}?permanent=true`)).status).toBe(200);
    expect(errorCode(await admin.get(`/keys/${id}/usage`))).toBe('not_found');
    expect(sum(await seriesOf(admin, '/usage'))).toEqual(before);
  }, 60_000);

  test('of a key of another account answers as that of a key which never was', async () => {
    const { id, token } = await installation.mint();
    await ask(token);
    const stranger = await newcomer(installation.stack, { role: 'owner' });
    const [foreign, unknown] = [await stranger.get(`/keys/${id}/usage`), await stranger.get('/keys/key_never/usage')];
    expect([foreign.status, unknown.status]).toEqual([404, 404]);
    expect(foreign.body).toEqual(unknown.body);
    expect(sum(await seriesOf(stranger, '/usage'))).toEqual({});
  });

  test.each([
    ['granularity=minute', 'granularity'],
    ['from=yesterday', 'from'],
    ['to=2026-01-01', 'to'],
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ['from=2026-01-01T00:00:00Z&to=2026-05-01T00:00:00Z', 'from'],
    ['from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z&granularity=day', 'from'],
    ['from=0000-01-01T00:00:00Z', 'from'],
    ['form=2026-01-01T00:00:00Z', 'form'],
  ])('in a range that is none is 400 with its path: %s', async (query, path) => {
    const { id } = await installation.mint();
    for (const route of ['/usage', `/keys/${id}/usage`]) {
      const answer = await admin.get(`${route}?${query}`);
      expect([answer.status, faultPaths(answer)]).toEqual([400, [path]]);
    }
  });

  const secretOf = async ({ id }: Minted): Promise<string> => {
    const { body } = await admin.get(`/keys/${id}`);
    return (body as { readonly secrets: readonly { readonly id: string }[] }).secrets[0]?.id ?? '';
  };
});

describe('usage survives', () => {
  let proxy: TcpProxy;
  let installation: Installation;
  beforeAll(async () => {
    proxy = await TcpProxy.before((await freshDatabase()).url);
    installation = await startInstallation({ database: { url: proxy.url } });
  });
  afterAll(async () => {
    proxy.restore();
    await installation.stop();
    await proxy.stop();
  });

  test('the store being away while it is to be written, counted once', async () => {
    const { id, token } = await installation.mint();
    const ask = () => installation.verifier.verifyToken({ token });
    for (let turn = 0; turn < 20; turn += 1) expect((await ask()).code).toBe('VALID');
    proxy.cut();
    await sleep(FLUSH_MS + 1_000);
    expect((await failureOf(ask())).status).toBe('UNAVAILABLE');
    proxy.restore();
    const path = `/keys/${id}/usage`;
    await eventually(
      () => installation.admin.get(path),
      ({ status }) => status === 200,
      20_000,
    );
    expect(await eventualSum(installation.admin, path, { VALID: 20 })).toEqual({ VALID: 20 });
    await sleep(FLUSH_MS + 1_000);
    expect(sum(await seriesOf(installation.admin, path))).toEqual({ VALID: 20 });
  }, 90_000);
});

describe('a stop', () => {
  let installation: Installation;
  beforeEach(async () => {
    installation = await startInstallation();
  });
  afterEach(() => installation.stop());

  const verify = async ({ token }: Minted) => (await installation.verifier.verifyToken({ token })).code === 'VALID';
  const callAdmin = async ({ token }: Minted) => {
    const url = `${installation.stack.adminUrl}/api/v1/usage`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    await answer.arrayBuffer();
    return answer.ok;
  };

  test.each([
    ['the verifier', verify],
    ['the admin', callAdmin],
  ])(
    'leaves nothing uncounted that %s answered before it, or while it was under way',
    async (_, ask) => {
      const callers = 8;
      const key = await installation.mint({ scopes: ['mintmark:keys:read'] });
      let answered = 0;
      const callingUntilItFails = Array.from({ length: callers }, async () => {
        while (await ask(key)) answered += 1;
      });
      const calling = Promise.allSettled(callingUntilItFails);
      await eventually(
        () => Promise.resolve(answered),
        (count) => count > 200,
      );
      await installation.stack.restart();
      await calling;
      const admin = await signIn(installation.stack); // at another port
      const { VALID: counted = 0 } = sum(await seriesOf(admin, `/keys/${key.id}/usage`));
      expect(answered).toBeGreaterThan(200);
      expect(counted).toBeGreaterThanOrEqual(answered);
      expect(counted).toBeLessThanOrEqual(answered + callers); // judged, and cut off before the answer arrived
    },
    60_000,
  );
});

test('what is older than has to be kept is forgotten by the admin', async () => {
  const installation = await startInstallation();
  try {
    const { id } = await installation.mint();
    await inDatabase(installation.stack, async (sql) => {
      for (const days of [10, 93, 403]) {
        await sql(
          `INSERT INTO key_usage (key_id, granularity, start, outcome, count)
           SELECT $1, granularity, date_trunc(granularity, now() - $2 * interval '1 day', 'UTC'), 'VALID', $2
           FROM unnest('{hour,day}'::text[]) granularity`,
          [id, days],
        );
      }
    });
    await installation.stack.restart(); // it looks for what is old when it starts
    const left = () =>
      inDatabase(installation.stack, (sql) =>
        sql('SELECT granularity, count::int FROM key_usage WHERE key_id = $1 ORDER BY granularity, count', [id]),
      );
    expect(await eventually(left, (rows) => rows.length === 3)).toEqual([
      { granularity: 'day', count: 10 },
      { granularity: 'day', count: 93 },
      { granularity: 'hour', count: 10 },
    ]);
  } finally {
    await installation.stop();
  }
}, 60_000);
