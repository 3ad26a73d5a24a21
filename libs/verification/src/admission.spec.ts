import { beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import {
  type KeyFormat,
  type KeyRecord,
  mintToken,
  PepperRing,
  STARTING_FORMATS,
  tokenSha256,
  UnauthorizedError,
} from '#libs/key-domain';
import { createLog, Metrics } from '#libs/observability';
import { AccountRules } from './account-rules.js';
import { DigestMoves } from './digest-moves.js';
import { InMemoryLedger } from './in-memory-ledger.fixture.js';
import { InMemorySecrets } from './in-memory-secrets.fixture.js';
import { InMemoryUsage } from './in-memory-usage.fixture.js';
import { LastUses } from './last-uses.js';
import { LimitTakings } from './limit-takings.js';
import { ScriptedChanges } from './scripted-changes.fixture.js';
import { SecretMemory } from './secret-memory.js';
import { SecretReading } from './secret-reading.js';
import type { TokenQuestion } from './token-question.js';
import { TokenVerification } from './token-verification.js';
import { UsageCounts } from './usage-counts.js';
import { VerificationMetrics } from './verification-metrics.js';

const [format] = STARTING_FORMATS as [KeyFormat];
const peppers = new PepperRing([{ id: 'current', key: randomBytes(32) }]);
const quiet = createLog('test', { write: () => undefined });

let secrets: InMemorySecrets;
let changes: ScriptedChanges;
let memory: SecretMemory;
let verification: TokenVerification;

beforeEach(() => {
  secrets = new InMemorySecrets();
  changes = new ScriptedChanges();
  memory = new SecretMemory();
  const reading = new SecretReading(secrets, changes, memory, peppers, new DigestMoves(secrets, peppers, quiet));
  const rules = new AccountRules(
    { rulesOf: () => Promise.resolve({ formats: STARTING_FORMATS, holdsImported: false }) },
    changes,
  );
  const metrics = new VerificationMetrics(new Metrics('test'));
  verification = new TokenVerification(
    reading,
    rules,
    new LastUses(secrets, quiet),
    new LimitTakings(new InMemoryLedger()),
    new UsageCounts(new InMemoryUsage(), quiet),
    metrics,
  );
});

function mint(fields: Partial<KeyRecord> = {}): string {
  const token = mintToken(format, 'live');
  secrets.add(peppers.digest(tokenSha256(token)), fields);
  return token;
}

function mintService(fields: Partial<KeyRecord> = {}): string {
  return mint({ keyId: 'key_service', scopes: ['mintmark:tokens:verify'], ...fields });
}

function about(...tokens: readonly string[]): readonly TokenQuestion[] {
  return tokens.map((token) => ({
    requiredScopes: [],
    productId: '',
    clientIp: '',
    environment: '',
    cost: 1,
    credential: { token },
  }));
}

const unknownTokens = (count: number) => Array.from({ length: count }, () => mintToken(format, 'live'));
const ask = async (key: string, tokens: readonly string[]) =>
  (await verification.verifyForService(key, about(...tokens))).map(({ verdict }) => verdict.code);

/** What was thrown without any wait. */
async function refusalAtOnce(key: string, tokens: readonly string[]): Promise<unknown> {
  try {
    await Promise.resolve(verification.verifyForService(key, about(...tokens))).catch(() => undefined);
    return 'none';
  } catch (error) {
    return error;
  }
}

describe('who may not ask', () => {
  test('makes nobody look up a thousand tokens: his key alone is read, once', async () => {
    const stranger = mintToken(format, 'live');
    const tokens = unknownTokens(1_000);
    await expect(ask(stranger, tokens)).rejects.toThrow(UnauthorizedError);
    expect([secrets.lookUps, secrets.digestsAsked]).toEqual([1, 1]);
    expect(await refusalAtOnce(stranger, tokens)).toBeInstanceOf(UnauthorizedError);
    expect(secrets.lookUps).toBe(1);
  });

  test.each<readonly [string, () => string]>([
    ['an unknown key', () => mintToken(format, 'live')],
    ['a revoked key', () => mintService({ revoked: true })],
    ['a key without the scope', () => mintService({ scopes: [] })],
  ])('with %s leaves no trace of what he asked in memory, however few it was', async (_, keyOf) => {
    const key = keyOf();
    for (const count of [1, 4, 5]) await expect(ask(key, unknownTokens(count))).rejects.toThrow();
    expect(memory.size).toBe(1);
  });

  test('hears no sooner or later about a token that memory knows than about one that it does not', async () => {
    const known = mint();
    await ask(mintService(), [known]);
    const stranger = mintToken(format, 'live');
    await expect(ask(stranger, [])).rejects.toThrow(UnauthorizedError);
    const asked = secrets.lookUps;
    for (const token of [known, mintToken(format, 'live')]) {
      expect(await refusalAtOnce(stranger, [token])).toBeInstanceOf(UnauthorizedError);
    }
    expect(secrets.lookUps).toBe(asked);
  });

  test('is refused by memory the moment after his key was revoked, whatever he asks', async () => {
    const key = mintService();
    await ask(key, [mint()]);
    secrets.clear();
    changes.change({ kind: 'key', accountId: 'acc_ours', keyId: 'key_service' });
    await expect(ask(key, unknownTokens(10))).rejects.toThrow(UnauthorizedError);
    expect(await refusalAtOnce(key, unknownTokens(10))).toBeInstanceOf(UnauthorizedError);
  });
});

describe('who may ask', () => {
  test('waits once for a few tokens though nothing of it is remembered, and is told of unknown ones from memory next', async () => {
    const key = mintService();
    const [good, unknown] = [mint(), mintToken(format, 'live')];
    expect(await ask(key, [good, unknown])).toEqual(['VALID', 'NOT_FOUND']);
    expect(secrets.lookUps).toBe(1);
    expect(verification.verifyForService(key, about(good, unknown))).toMatchObject([
      { verdict: { code: 'VALID' } },
      { verdict: { code: 'NOT_FOUND' } },
    ]);
    expect(secrets.lookUps).toBe(1);
  });

  test('waits twice for many at first, and once where its key is remembered', async () => {
    const key = mintService();
    expect(await ask(key, unknownTokens(1_000))).toHaveLength(1_000);
    expect(secrets.lookUps).toBe(2);
    expect(await ask(key, [mint(), ...unknownTokens(9)])).toContain('VALID');
    expect(secrets.lookUps).toBe(3);
  });
});
