import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Installation, type Minted, startInstallation } from './installation.js';
import { failureOf } from './outside-client.js';
import { OutsideGuard } from './outside-guard.js';

const VERIFY = 'mintmark:tokens:verify';
/** Longest lease of a guard, and with what is waited beyond it. */
const LEASE_MS = 1_900;
const LEASE_AND_MARGIN_MS = 2_100;
const SLACK_MS = 400;

interface EnforcedAnswer {
  readonly verifiers: number;
  readonly ms: number;
  readonly by: string;
}

let installation: Installation;
const guards: OutsideGuard[] = [];

beforeAll(async () => {
  installation = await startInstallation();
});
afterEach(() => {
  for (const guard of guards.splice(0)) guard.close();
});
afterAll(() => installation.stop());

async function openGuard(serviceKey = installation.stack.serviceKey): Promise<OutsideGuard> {
  const guard = await OutsideGuard.open(installation.stack.verifierGrpc, `Bearer ${serviceKey}`);
  guards.push(guard);
  return guard;
}

/** A key that its creation touches no more: verifiers have heard of it. */
async function settledKey(fields: object = {}): Promise<Minted> {
  const key = await installation.mint(fields);
  await installation.revoke(await installation.mint()); // in force only when the changes before it are
  return key;
}

/** A key of which the guards keep an answer. */
async function heldBy(...holders: readonly OutsideGuard[]): Promise<Minted> {
  const key = await settledKey();
  for (const { sessionId: guardSessionId } of holders) {
    const answer = await installation.verifier.verifyToken({ token: key.token, guardSessionId });
    expect(answer).toMatchObject({ code: 'VALID', cacheTtl: { seconds: 60, nanos: 0 } });
  }
  return key;
}

async function revoke({ id }: Minted): Promise<EnforcedAnswer> {
  const { status, body } = await installation.admin.post(`/keys/${id}/revoke`, { reason: 'unspecified' });
  expect(status).toBe(200);
  return (body as { readonly enforced: EnforcedAnswer }).enforced;
}

describe('a session', () => {
  test('is opened, learns what tokens look like, and is renewed with a lease and the clock of the store', async () => {
    const guard = await openGuard();
    const { lease, storeTime } = await guard.renew();
    const leaseMs = lease.seconds * 1000 + lease.nanos / 1e6;
    expect(leaseMs).toBeGreaterThan(1_000);
    expect(leaseMs).toBeLessThanOrEqual(LEASE_MS);
    expect(Math.abs(storeTime.seconds * 1000 + storeTime.nanos / 1e6 - Date.now())).toBeLessThan(2_000);
    await guard.until(() => guard.told.some(({ message }) => message === 'rules'));
    const rules = guard.told.find(({ message }) => message === 'rules')?.rules;
    expect(rules).toMatchObject({ holdsImported: false });
    expect(rules?.formats).toContainEqual({ prefix: 'mm', environments: ['live', 'test'], encoding: 'base62' });
  });

  test('has answers kept that a record in good standing gave, alone and in a batch, and no others', async () => {
    const guard = await openGuard();
    const [good, revoked] = [await heldBy(guard), await installation.mint()];
    await revoke(revoked);
    const questions = [
      { token: good.token },
      { token: good.token, requiredScopes: ['garments:read'] },
      { token: good.token, environment: 'test' },
      { token: good.token, productId: 'prd_x' },
      { token: revoked.token },
      { token: 'mm_live_unknown' },
    ];
    const { sessionId: guardSessionId } = guard;
    const alone = await Promise.all(
      questions.map((question) => installation.verifier.verifyToken({ ...question, guardSessionId })),
    );
    const together = await installation.verifier.verifyTokens(questions, { guardSessionId });
    const kept = { seconds: 60, nanos: 0 };
    const expected = [
      ['VALID', kept],
      ['INSUFFICIENT_SCOPE', kept],
      ['ENVIRONMENT_MISMATCH', kept],
      ['PRODUCT_NOT_ALLOWED', kept],
      ['REVOKED', null],
      ['MALFORMED', null],
    ];
    expect(alone.map(({ code, cacheTtl }) => [code, cacheTtl])).toEqual(expected);
    expect(together.map(({ code, cacheTtl }) => [code, cacheTtl])).toEqual(expected);
  });

  test('that is not named, or is not there, has nothing kept', async () => {
    await openGuard();
    const { token } = await installation.mint();
    for (const guardSessionId of ['', 'gs_of_nobody']) {
      expect((await installation.verifier.verifyToken({ token, guardSessionId })).cacheTtl).toBeNull();
    }
    const [answer] = await installation.verifier.verifyTokens([{ token }]);
    expect(answer?.cacheTtl).toBeNull();
  });

  test('learns of a new key format', async () => {
    const guard = await openGuard();
    const { status } = await installation.admin.post('/key-formats', {
      name: 'told',
      prefix: 'tld',
      environments: ['live'],
      encoding: 'base62',
    });
    expect(status).toBe(201);
    await guard.until(() => guard.told.some(({ rules }) => rules?.formats.some(({ prefix }) => prefix === 'tld') ?? false));
  });
});

describe('a revocation', () => {
  test('is told to the guards that hold the key, to nobody else, and returns when they have acknowledged it', async () => {
    const [first, second, other] = [await openGuard(), await openGuard(), await openGuard()];
    const key = await heldBy(first, second);
    await heldBy(other);
    const enforced = await revoke(key);
    expect(first.changedKeys).toEqual([key.id]);
    expect(second.changedKeys).toEqual([key.id]);
    expect(other.changedKeys).toEqual([]);
    expect(enforced).toMatchObject({ verifiers: 1, by: 'acknowledgement' });
    expect(enforced.ms).toBeLessThan(1_000);
  });

  test('waits for a guard that does not acknowledge until its lease has run out, while others are renewed', async () => {
    const [silent, other] = [await openGuard(), await openGuard()];
    const key = await heldBy(silent, other);
    silent.acknowledges = false;
    await silent.renew();
    const revoking = revoke(key);
    await silent.until(() => silent.changedKeys.length > 0);
    await sleep(100);
    const unanswered = silent.askForRenewal();
    const began = performance.now();
    const renewing = async (): Promise<EnforcedAnswer> => {
      await other.renew();
      return (await Promise.race([revoking, sleep(50, null)])) ?? renewing();
    };
    const { ms } = await renewing();
    expect(performance.now() - began).toBeGreaterThan(1_000);
    expect(ms).toBeLessThan(LEASE_AND_MARGIN_MS + SLACK_MS);
    expect(other.renewals.length).toBeGreaterThan(10);
    expect(Math.max(...other.renewals)).toBeLessThan(500);
    expect(silent.told.some(({ renewed }) => renewed?.renewal === unanswered)).toBe(false);

    silent.acknowledge(1);
    await silent.until(() => silent.told.some(({ renewed }) => renewed?.renewal === unanswered));
  });

  test('does not wait for a guard that has left: it says that it has forgotten everything', async () => {
    const leaving = await openGuard();
    const key = await heldBy(leaving);
    await leaving.renew();
    leaving.send({ leave: {} });
    expect(await leaving.ended()).toMatchObject({ status: 'OK' });
    expect((await revoke(key)).ms).toBeLessThan(1_000);
  });

  test('waits for a guard whose stream broke, for it may not know yet, and not for one that never held the key', async () => {
    const [lost, other] = [await openGuard(), await openGuard()];
    const key = await heldBy(lost);
    const unheld = await heldBy(other);
    await lost.renew();
    lost.close();
    await sleep(50);
    expect((await revoke(unheld)).ms).toBeLessThan(1_000);
    const { ms } = await revoke(key);
    expect(ms).toBeGreaterThan(500);
    expect(ms).toBeLessThan(LEASE_AND_MARGIN_MS + SLACK_MS);
  });
});

describe('a service key', () => {
  test('that is revoked ends its sessions, and the revocation returns when the guard knows', async () => {
    const serviceKey = await settledKey({ scopes: [VERIFY] });
    const [guard, other] = [await openGuard(serviceKey.token), await openGuard()];
    const key = await heldBy(guard);
    const { by, ms } = await revoke(serviceKey);
    expect(by).toBe('acknowledgement');
    expect(ms).toBeLessThan(1_000);
    expect(guard.told.at(-1)?.message).toBe('ended');
    expect((await guard.ended()).status).toBe('OK');
    expect(other.end).toBeNull();
    const { verifyToken } = {
      verifyToken: () => installation.verifier.verifyToken({ token: key.token, guardSessionId: guard.sessionId }),
    };
    expect((await verifyToken()).cacheTtl).toBeNull();
  });

  test('that expires ends its sessions at the next renewal', async () => {
    const serviceKey = await installation.mint({ scopes: [VERIFY] });
    const expiresAt = new Date(Date.now() + 3_000);
    const patched = await installation.admin.patch(`/keys/${serviceKey.id}`, { expiresAt: expiresAt.toISOString() });
    expect(patched.status).toBe(200);
    const guard = await openGuard(serviceKey.token);
    await sleep(expiresAt.getTime() - Date.now() + 50);
    guard.askForRenewal();
    await guard.until(() => guard.told.at(-1)?.message === 'ended');
  });

  test.each([
    ['none', null, 'UNAUTHENTICATED'],
    ['none that is known', 'Bearer mm_live_nobody', 'UNAUTHENTICATED'],
  ])('%s opens no session', async (_, authorization, status) => {
    const guard = OutsideGuard.connect(installation.stack.verifierGrpc, authorization);
    guards.push(guard);
    guard.send({ open: {} });
    expect(await guard.ended()).toMatchObject({ status });
    expect(guard.told).toEqual([]);
  });

  test('that may not verify opens no session', async () => {
    const { token } = await installation.mint();
    const guard = OutsideGuard.connect(installation.stack.verifierGrpc, `Bearer ${token}`);
    guards.push(guard);
    guard.send({ open: {} });
    expect(await guard.ended()).toMatchObject({ status: 'PERMISSION_DENIED' });
  });
});

describe('a stream that is not used as the contract has it is INVALID_ARGUMENT', () => {
  test.each([
    ['opened twice', [{ open: {} }, { open: {} }]],
    ['renewed before it is opened', [{ renew: { renewal: 1 } }]],
    ['nothing in a message', [{}]],
    ['acknowledged what was never told', [{ open: {} }, { acknowledge: { sequence: 7 } }]],
  ])('%s', async (_, messages) => {
    await openGuard(); // the verifier holds a lease
    const guard = OutsideGuard.connect(installation.stack.verifierGrpc, `Bearer ${installation.stack.serviceKey}`);
    guards.push(guard);
    for (const message of messages) guard.send(message);
    expect((await guard.ended()).status).toBe('INVALID_ARGUMENT');
  });
});

describe('a report of what a guard answered itself', () => {
  const lastUse = async ({ id }: Minted): Promise<number> => {
    const { body } = await installation.admin.get(`/keys/${id}`);
    return Date.parse((body as { readonly lastUsedAt: string | null }).lastUsedAt ?? '') || 0;
  };
  const secretOf = async ({ id }: Minted): Promise<string> => {
    const { body } = await installation.admin.get(`/keys/${id}`);
    return (body as { readonly secrets: readonly { readonly id: string }[] }).secrets[0]?.id ?? '';
  };

  test('notes when a key was last used, of keys that the session holds and of no others', async () => {
    const guard = await openGuard();
    const [held, never] = [await heldBy(guard), await installation.mint()];
    await sleep(3_000);
    const reported = Date.now();
    const usage = await Promise.all(
      [held, never].map(async (key) => ({
        keyId: key.id,
        secretId: await secretOf(key),
        verifications: 3,
        sinceLast: { seconds: 1, nanos: 0 },
      })),
    );
    await installation.verifier.reportUsage({ guardSessionId: guard.sessionId, usage });
    while ((await lastUse(held)) < reported - 1_500) await sleep(100);
    expect(await lastUse(held)).toBeLessThan(Date.now() - 500);
    expect(await lastUse(never)).toBe(0);
    const isTold = (line: string) => line.includes('"verifications":3,"message":"verifications were not counted');
    while (!installation.stack.logs().some(isTold)) await sleep(100);
  });

  test.each([
    ['names no session', { guardSessionId: '' }, /guard_session_id/],
    ['is too long', { guardSessionId: 's', usage: Array.from({ length: 1_001 }, () => ({})) }, /usage/],
    ['has an over-long name', { guardSessionId: 's', usage: [{ keyId: 'k'.repeat(129) }] }, /usage\[0\]\.key_id/],
  ])('that %s is INVALID_ARGUMENT', async (_, report, details) => {
    const failure = await failureOf(installation.verifier.reportUsage(report));
    expect(failure).toMatchObject({ status: 'INVALID_ARGUMENT' });
    expect(failure.details).toMatch(details);
  });

  test('without a service key is UNAUTHENTICATED', async () => {
    const failure = await failureOf(installation.service(null).reportUsage({ guardSessionId: 's' }));
    expect(failure).toMatchObject({ status: 'UNAUTHENTICATED' });
  });
});
