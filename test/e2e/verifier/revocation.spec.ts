import { type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Installation, startInstallation } from './installation.js';
import type { Question } from './outside-client.js';

const LOOPS = 200;
const ALONGSIDE = 3;

let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(() => installation.stop());

test('a verification sent after revoke has returned is refused, in 200 loops at once', async () => {
  const loop = async () => {
    const key = await installation.mint();
    const question = { tokenSha256: createHash('sha256').update(key.token).digest() };
    const before = await code(question);
    const during = alongside(() => code(question));
    await installation.revoke(key);
    const after = await alongside(() => code(question));
    return { before, during: await during, after };
  };
  const seen = await Promise.all(Array.from({ length: LOOPS }, loop));
  expect(new Set(seen.map(({ before }) => before))).toEqual(new Set(['VALID']));
  expect(seen.flatMap(({ during }) => during).filter((verdict) => verdict !== 'VALID' && verdict !== 'REVOKED')).toEqual([]);
  expect(new Set(seen.flatMap(({ after }) => after))).toEqual(new Set(['REVOKED']));
}, 60_000);

function alongside<Result>(call: () => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: ALONGSIDE }, call));
}

/** Asks until there is a verdict: a crowd like this one may be told to come back. */
async function code(question: Question): Promise<string> {
  for (;;) {
    try {
      return await installation.verifier.code(question);
    } catch (error) {
      if ((error as ServiceError).code !== status.UNAVAILABLE) throw error;
      await sleep(100);
    }
  }
}
