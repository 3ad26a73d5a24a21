import { beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import {
  ForbiddenError,
  type KeyFormat,
  type KeyRecord,
  mintToken,
  NO_MEMORY,
  PepperRing,
  STARTING_FORMATS,
  type TokenRules,
  tokenSha256,
  UnauthorizedError,
  UnavailableError,
  type Verdict,
} from '#libs/key-domain';
import { createLog, Metrics } from '#libs/observability';
import { AccountRules } from './account-rules.js';
import { DigestMoves } from './digest-moves.js';
import { LastUses } from './last-uses.js';
import { LimitTakings } from './limit-takings.js';
import { NO_TERMS } from './call-terms.js';
import { InMemoryLedger } from './in-memory-ledger.fixture.js';
import { InMemorySecrets } from './in-memory-secrets.fixture.js';
import { InMemoryUsage } from './in-memory-usage.fixture.js';
import { SecretMemory } from './secret-memory.js';
import { SecretReading } from './secret-reading.js';
import type { Credential, TokenQuestion } from './token-question.js';
import { TokenVerification } from './token-verification.js';
import { UsageCounts } from './usage-counts.js';
import { VerificationMetrics } from './verification-metrics.js';

const [format] = STARTING_FORMATS as [KeyFormat];
const current = { id: 'current', key: randomBytes(32) };
const retired = { id: 'retired', key: randomBytes(32) };
const peppers = new PepperRing([current, retired]);

let secrets: InMemorySecrets;
let rules: TokenRules;
let rulesRead: string[];
let logged: string[];
let metrics: Metrics;
let uses: LastUses;
let moves: DigestMoves;
let ledger: InMemoryLedger;
let usageStore: InMemoryUsage;
let usage: UsageCounts;
let verification: TokenVerification;
let serviceKey: string;

beforeEach(() => {
  secrets = new InMemorySecrets();
  rules = { formats: STARTING_FORMATS, holdsImported: false };
  rulesRead = [];
  logged = [];
  metrics = new Metrics('test');
  const log = createLog('test', { write: (line: string) => void logged.push(line) });
  const source = { rulesOf: (accountId: string) => (rulesRead.push(accountId), Promise.resolve(rules)) };
  uses = new LastUses(secrets, log);
  moves = new DigestMoves(secrets, peppers, log);
  const reading = new SecretReading(secrets, NO_MEMORY, new SecretMemory(), peppers, moves);
  ledger = new InMemoryLedger();
  const takings = new LimitTakings(ledger);
  usageStore = new InMemoryUsage();
  usage = new UsageCounts(usageStore, log);
  const accountRules = new AccountRules(source, NO_MEMORY);
  verification = new TokenVerification(reading, accountRules, uses, takings, usage, new VerificationMetrics(metrics));
  serviceKey = mint({ keyId: 'key_service', scopes: ['mintmark:tokens:verify'] });
});

function mint(fields: Partial<KeyRecord> = {}, pepper: PepperRing = peppers): string {
  const token = mintToken(format, 'live');
  secrets.add(pepper.digest(tokenSha256(token)), fields);
  return token;
}

function ask(credential: Credential, rest: Partial<TokenQuestion> = {}): TokenQuestion {
  return { requiredScopes: [], productId: '', clientIp: '', environment: '', cost: 1, ...rest, credential };
}

async function verify(key: string | null, questions: readonly TokenQuestion[], callerIp?: string): Promise<readonly Verdict[]> {
  return (await verification.verifyForService(key, questions, { ...NO_TERMS, callerIp: () => callerIp ?? '' })).map(
    ({ verdict }) => verdict,
  );
}

async function code(credential: Credential, rest: Partial<TokenQuestion> = {}): Promise<string | undefined> {
  const [verdict] = await verify(serviceKey, [ask(credential, rest)]);
  return verdict?.code;
}

describe('a service', () => {
  test.each([
    ['no key', null],
    ['an empty key', ''],
    ['what can be no key', 'a b'],
  ])('with %s is refused without asking the store', async (_, key) => {
    await expect(verify(key, [])).rejects.toThrow(UnauthorizedError);
    expect(secrets.lookUps).toBe(0);
  });

  test.each<readonly [string, Partial<KeyRecord>]>([
    ['revoked', { revoked: true }],
    ['expired', { expiresAt: 0 }],
    ['disabled', { enabled: false }],
  ])('with a %s key is refused, whatever it asks', async (_, fields) => {
    const key = mint({ scopes: ['mintmark:tokens:verify'], ...fields });
    await expect(verify(key, [])).rejects.toThrow(UnauthorizedError);
    await expect(verify(key, [ask({ token: mint() })])).rejects.toThrow(UnauthorizedError);
  });

  test('of a suspended account is told so of every key, its own included', async () => {
    serviceKey = mint({ scopes: ['mintmark:tokens:verify'], accountSuspended: true });
    expect(await code({ token: mint({ accountSuspended: true }) })).toBe('ACCOUNT_SUSPENDED');
    expect(await code({ token: serviceKey })).toBe('ACCOUNT_SUSPENDED');
  });

  test('of a suspended account may not verify without the scope either', async () => {
    await expect(verify(mint({ scopes: [], accountSuspended: true }), [])).rejects.toThrow(ForbiddenError);
  });

  test('with an unknown key is refused', async () => {
    await expect(verify(mintToken(format, 'live'), [])).rejects.toThrow(UnauthorizedError);
  });

  test.each([[[]], [['*']], [['mintmark:keys:read']]])('with the scopes %j alone may not verify', async (scopes) => {
    await expect(verify(mint({ scopes }), [])).rejects.toThrow(ForbiddenError);
  });

  test('with a key that is bound to addresses is judged by its own address', async () => {
    const key = mint({ scopes: ['mintmark:tokens:verify'], allowedCidrs: ['10.0.0.0/8'] });
    await expect(verify(key, [], '10.1.2.3')).resolves.toEqual([]);
    await expect(verify(key, [], '11.1.2.3')).rejects.toThrow(UnauthorizedError);
    await expect(verify(key, [ask({ token: key }, { clientIp: '10.1.2.3' })])).rejects.toThrow(UnauthorizedError);
  });

  test('may have its own key judged', async () => {
    expect(await code({ token: serviceKey })).toBe('VALID');
  });

  test('gets an outage as an outage, and never as a verdict', async () => {
    secrets.outage = new UnavailableError('away');
    await expect(verify(serviceKey, [ask({ token: mint() })])).rejects.toThrow(UnavailableError);
  });
});

describe('a batch', () => {
  test('is answered in order, from one reading of the store once the service key is read', async () => {
    const [good, revoked] = [mint(), mint({ revoked: true })];
    const kinds: readonly (readonly [Credential, string])[] = [
      [{ token: good }, 'VALID'],
      [{ sha256: tokenSha256(revoked) }, 'REVOKED'],
      [{ token: '' }, 'MALFORMED'],
      [{ token: mintToken(format, 'test') }, 'NOT_FOUND'],
      [{ sha256: randomBytes(32) }, 'NOT_FOUND'],
    ];
    const asked = Array.from({ length: 1000 }, (_, index) => kinds[(index * 7) % kinds.length] ?? kinds[0]);
    const verdicts = await verify(
      serviceKey,
      asked.map((kind) => ask(kind?.[0] ?? { token: '' })),
    );
    expect(verdicts.map((verdict) => verdict.code)).toEqual(asked.map((kind) => kind?.[1]));
    expect(secrets.lookUps).toBe(2);
    expect(rulesRead).toHaveLength(1);
  });

  test('asks for each question by itself', async () => {
    const token = mint({ scopes: ['a:b'] });
    const verdicts = await verify(serviceKey, [
      ask({ token }, { requiredScopes: ['a:b'] }),
      ask({ token }, { requiredScopes: ['a:c', 'a:b'] }),
    ]);
    expect(verdicts).toMatchObject([{ code: 'VALID' }, { code: 'INSUFFICIENT_SCOPE', missingScopes: ['a:c'] }]);
  });
});

describe('a token', () => {
  test('that is found is never malformed, and the formats are not even read', async () => {
    rules = { formats: [], holdsImported: false };
    expect(await code({ token: mint() })).toBe('VALID');
    expect(rulesRead).toEqual([]);
  });

  test('of which only the digest is known is not found rather than malformed', async () => {
    expect(await code({ sha256: tokenSha256('nonsense') })).toBe('NOT_FOUND');
    expect(rulesRead).toEqual([]);
  });

  test('that no format fits is malformed, but where the account holds imported secrets it is not found', async () => {
    expect(await code({ token: 'gm_live_xxx' })).toBe('MALFORMED');
    rules = { ...rules, holdsImported: true };
    expect(await code({ token: 'gm_live_xxx' })).toBe('NOT_FOUND');
  });

  test('that can be no token at all is malformed even there', async () => {
    rules = { ...rules, holdsImported: true };
    for (const token of ['', ' ', 'ä', 'a'.repeat(513)]) expect(await code({ token })).toBe('MALFORMED');
    expect(rulesRead).toEqual([]);
  });

  test('of another account answers like an unknown text of the same form', async () => {
    const theirs = mint({ accountId: 'acc_others' });
    expect(await code({ token: theirs })).toBe('NOT_FOUND');
    expect(await code({ sha256: tokenSha256(theirs) })).toBe('NOT_FOUND');
    rules = { formats: [], holdsImported: false };
    expect(await code({ token: theirs })).toBe('MALFORMED');
  });

  test("expires by the store's clock, not by this machine's", async () => {
    const token = mint({ expiresAt: secrets.now + 1000 });
    expect(await code({ token })).toBe('VALID');
    secrets.now += 1000;
    expect(await code({ token })).toBe('EXPIRED');
  });

  test('under a retired pepper is good, and is moved to the current one after the verdict', async () => {
    const token = mint({ secretId: 'sec_old' }, new PepperRing([retired]));
    expect(await code({ token })).toBe('VALID');
    await moves.beforeApplicationShutdown();
    const sha256 = tokenSha256(token);
    expect(secrets.moves).toEqual([
      { secretId: 'sec_old', from: new PepperRing([retired]).digest(sha256), to: peppers.digest(sha256) },
    ]);
    expect(await code({ token })).toBe('VALID');
    await moves.beforeApplicationShutdown();
    expect(secrets.moves).toHaveLength(1);
  });

  test('is good even where it cannot be moved, and that is told without the token', async () => {
    const token = mint({}, new PepperRing([retired]));
    secrets.upkeepFailure = new UnavailableError('away');
    expect(await code({ token })).toBe('VALID');
    await moves.beforeApplicationShutdown();
    expect(logged.join('')).toContain('retired pepper');
    expect(logged.join('')).not.toContain(token);
  });
});

describe('across accounts', () => {
  test('a token of any account is judged, and its key told', async () => {
    const token = mint({ accountId: 'acc_others', keyId: 'key_theirs' });
    expect(await verification.verifyAcrossAccounts(ask({ token }))).toMatchObject({
      verdict: { code: 'VALID', record: { keyId: 'key_theirs' } },
    });
    expect(await verification.verifyAcrossAccounts(ask({ sha256: tokenSha256(token) }))).toMatchObject({
      verdict: { code: 'VALID' },
    });
  });

  test('what can be no token is malformed without asking the store; any other unknown text is not found', async () => {
    expect(await verification.verifyAcrossAccounts(ask({ token: 'a b' }))).toMatchObject({ verdict: { code: 'MALFORMED' } });
    expect(secrets.lookUps).toBe(0);
    expect(await verification.verifyAcrossAccounts(ask({ token: 'gm_live_xxx' }))).toMatchObject({
      verdict: { code: 'NOT_FOUND' },
    });
  });
});

describe('a key with limits', () => {
  const A_MINUTE = { name: 'a minute', limit: 2, windowSeconds: 60 };
  const limitedTo = (credits: number) => {
    ledger.setCredits('key_limited', credits);
    return mint({
      keyId: 'key_limited',
      secretId: 'sec_limited',
      limits: { rateLimits: [A_MINUTE], quota: { refill: null } },
      scopes: ['garments:read'],
    });
  };
  const judge = async (token: string, rest: Partial<TokenQuestion> = {}) => {
    const [judgement] = await verification.verifyForService(serviceKey, [ask({ token }, rest)]);
    return judgement;
  };

  test('is accepted until a limit is spent, and what is left is told each time', async () => {
    const token = limitedTo(10);
    const resetsAt = ledger.now + 60_000;
    const left = (remaining: number, credits: number) => ({
      rateLimits: [{ name: 'a minute', limit: 2, remaining, resetsAt }],
      quota: { remaining: credits, refillsAt: null },
    });
    expect(await judge(token)).toMatchObject({ verdict: { code: 'VALID' }, stamp: null, left: left(1, 9) });
    expect(await judge(token, { cost: 3 })).toMatchObject({ verdict: { code: 'VALID' }, left: left(0, 6) });
    ledger.now += 20_000;
    expect(await judge(token)).toMatchObject({ verdict: { code: 'RATE_LIMITED', retryAfterMs: 40_000 }, left: left(0, 6) });
    ledger.now += 40_000;
    expect((await judge(token))?.verdict.code).toBe('VALID');
  });

  test('that has too few credits is told so before it is told that it is asked too often, and takes from neither', async () => {
    const token = limitedTo(2);
    expect((await judge(token, { cost: 3 }))?.verdict).toMatchObject({ code: 'QUOTA_EXCEEDED', required: 3, available: 2 });
    expect((await judge(token, { cost: 2 }))?.left?.rateLimits[0]?.remaining).toBe(1);
  });

  test('takes nothing where anything else refuses it', async () => {
    const token = limitedTo(1);
    expect((await judge(token, { requiredScopes: ['garments:write'] }))?.verdict.code).toBe('INSUFFICIENT_SCOPE');
    expect((await judge(token, { environment: 'test' }))?.verdict.code).toBe('ENVIRONMENT_MISMATCH');
    expect(ledger.calls).toEqual([]);
    expect(ledger.creditsOf('key_limited')).toBe(1);
  });

  test('is checked without taking at a cost of nothing', async () => {
    const token = limitedTo(1);
    for (let check = 0; check < 5; check += 1) expect((await judge(token, { cost: 0 }))?.verdict.code).toBe('VALID');
    expect(ledger.creditsOf('key_limited')).toBe(1);
  });

  test('is counted for each question of a batch, in their order', async () => {
    const token = limitedTo(10);
    const judged = await verify(serviceKey, [ask({ token }), ask({ token: mint() }), ask({ token }), ask({ token })]);
    expect(judged.map((verdict) => verdict.code)).toEqual(['VALID', 'VALID', 'VALID', 'RATE_LIMITED']);
  });

  test('is not judged at all while its use can not be counted', async () => {
    const token = limitedTo(10);
    ledger.failure = new UnavailableError('away');
    await expect(judge(token)).rejects.toThrow(UnavailableError);
    expect(await code({ token: mint() })).toBe('VALID');
  });

  test('is noted as used where it was accepted, and not where it was refused for its limits', async () => {
    const token = limitedTo(1);
    await judge(token, { cost: 2 });
    await uses.flush();
    expect(secrets.uses.map(({ secretId }) => secretId)).not.toContain('sec_limited');
    await judge(token);
    await uses.flush();
    expect(secrets.uses.map(({ secretId }) => secretId)).toContain('sec_limited');
  });

  test('counts in its own account alone: to any other service it does not exist, and loses nothing', async () => {
    ledger.setCredits('key_foreign', 5);
    const token = mint({ keyId: 'key_foreign', accountId: 'acc_others', limits: { rateLimits: [], quota: { refill: null } } });
    expect((await judge(token))?.verdict.code).toBe('NOT_FOUND');
    expect(ledger.creditsOf('key_foreign')).toBe(5);
  });
});

describe('a verification is noted', () => {
  test('as a use of the secrets that were accepted, the service key among them, and of no other', async () => {
    const [good, bad] = [mint({ secretId: 'sec_good' }), mint({ secretId: 'sec_bad', enabled: false })];
    await verify(serviceKey, [ask({ token: good }), ask({ token: bad })]);
    await uses.flush();
    expect(secrets.uses.map(({ secretId }) => secretId).sort()).toEqual(['sec_good', 'sec_key_service']);
    expect(secrets.uses[0]?.at.getTime()).toBe(secrets.now);
  });

  test('in the metrics, by code', async () => {
    await verify(serviceKey, [ask({ token: mint() }), ask({ token: '' })]);
    const text = await metrics.text();
    expect(text).toContain('mintmark_verifications_total{code="VALID",app="test"} 1');
    expect(text).toContain('mintmark_verifications_total{code="MALFORMED",app="test"} 1');
    expect(text).toContain('mintmark_verification_duration_seconds_count{app="test"} 1');
  });
});

describe('usage', () => {
  const counted = async () => {
    await usage.flush();
    return Object.fromEntries(
      Object.entries(usageStore.added).map(([name, count]) => [name.split(' ').toSpliced(1, 1).join(' '), count]),
    );
  };

  test('counts each verification by key and outcome, those that take nothing too, and not the service that asks', async () => {
    const token = mint({ keyId: 'key_used', environment: 'live' });
    await verify(serviceKey, [ask({ token }), ask({ token }, { cost: 0 }), ask({ token }, { environment: 'test' })]);
    await verification.verifyAcrossAccounts(ask({ token }));
    expect(await counted()).toEqual({ 'key_used VALID': 3, 'key_used ENVIRONMENT_MISMATCH': 1 });
  });

  test('counts nothing of tokens that nobody knows, or that are of another account', async () => {
    await verify(serviceKey, [
      ask({ token: mintToken(format, 'live') }),
      ask({ token: '' }),
      ask({ token: mint({ accountId: 'acc_others' }) }),
    ]);
    expect(await counted()).toEqual({});
  });

  test('counts a key with limits once, by what came of it in the end', async () => {
    ledger.setCredits('key_limited', 1);
    const token = mint({ keyId: 'key_limited', limits: { rateLimits: [], quota: { refill: null } } });
    await verify(serviceKey, [ask({ token }), ask({ token })]);
    expect(await counted()).toEqual({ 'key_limited VALID': 1, 'key_limited QUOTA_EXCEEDED': 1 });
  });
});
