import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { type RedisInstallation, startOnRedis } from './redis-installation.js';

const IN_TURN = 50;
const AT_ONCE = 50;

let installation: RedisInstallation;

beforeAll(async () => {
  installation = await startOnRedis();
});
afterAll(() => installation.stop());

const verdicts = (token: string) => Promise.all(installation.verifiers.map((verifier) => verifier.code({ token })));

const LEFT_UNPUBLISHED = `
  WITH numbered AS (UPDATE change_journal SET head = head + 1 RETURNING head)
  INSERT INTO changes (place, kind, account_id, key_id, handles) SELECT head, 'all', '', '', '{}' FROM numbered`;

async function runSql(statement: string): Promise<readonly object[]> {
  const client = new pg.Client({ connectionString: installation.stack.databaseUrl });
  await client.connect();
  const { rows } = await client.query<object>(statement);
  await client.end();
  return rows;
}

function unpublished(): Promise<readonly object[]> {
  return runSql('SELECT place FROM changes WHERE NOT published');
}

async function stream(): Promise<string> {
  const [key] = (await installation.redis.command('KEYS', '{mintmark:*}:changes')) as string[];
  return key ?? '';
}

async function revokeAndAsk(): Promise<{
  readonly before: readonly string[];
  readonly by: unknown;
  readonly after: readonly string[];
}> {
  const key = await installation.mint();
  const before = [...(await verdicts(key.token)), ...(await verdicts(key.token))];
  const { status, body } = await eventually(
    () => installation.tryToRevoke(key),
    (answer) => answer.status !== 503,
  );
  expect(status).toBe(200);
  return { before, by: (body as { enforced: unknown }).enforced, after: await verdicts(key.token) };
}

describe('with the change log on Redis', () => {
  test('a verification sent to any verifier after revoke has returned is refused: 50 times in turn', async () => {
    for (let count = 0; count < IN_TURN; count += 1) {
      const { before, by, after } = await revokeAndAsk();
      expect(new Set(before)).toEqual(new Set(['VALID']));
      expect(by).toMatchObject({ verifiers: 2, by: 'acknowledgement' });
      expect(after).toEqual(['REVOKED', 'REVOKED']);
    }
  });

  test('and 50 at once', async () => {
    const seen = await Promise.all(Array.from({ length: AT_ONCE }, revokeAndAsk));
    expect(new Set(seen.flatMap(({ before }) => before))).toEqual(new Set(['VALID']));
    expect(new Set(seen.flatMap(({ after }) => after))).toEqual(new Set(['REVOKED']));
  });

  test('a change that a process committed and did not live to publish is published by another', async () => {
    const { token } = await installation.mint();
    const length = async () => Number(await installation.redis.command('XLEN', await stream()));
    const before = await length();
    await runSql(LEFT_UNPUBLISHED);
    expect(await eventually(length, (now) => now > before)).toBeGreaterThan(before);
    expect(await eventually(unpublished, (places) => places.length === 0)).toEqual([]);
    expect(await verdicts(token)).toEqual(['VALID', 'VALID']);
  });

  test('every change is noted as published, so that nobody publishes it once more', async () => {
    await revokeAndAsk();
    expect(await eventually(unpublished, (places) => places.length === 0)).toEqual([]);
  });
});
