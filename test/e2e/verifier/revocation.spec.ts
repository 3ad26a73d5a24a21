import { type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Installation, startInstallation } from './installation.js';
import type { Question } from './outside-client.js';

const AT_ONCE = 200;
const IN_TURN = 100;
const AFTERWARDS = 3;

let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(() => installation.stop());

interface Seen {
  /** Of verifications one after the other from before the revocation until it has returned. */
  readonly meanwhile: readonly string[];
  /** Of verifications sent after that. */
  readonly after: readonly string[];
}

async function revokeWatched(): Promise<Seen> {
  const key = await installation.mint();
  const question = { tokenSha256: createHash('sha256').update(key.token).digest() };
  const meanwhile = [await code(question)];
  let returned = false;
  const watch = async () => {
    while (!returned) meanwhile.push(await code(question));
  };
  const watching = watch();
  await installation.revoke(key);
  returned = true;
  const after = await Promise.all(Array.from({ length: AFTERWARDS }, () => code(question)));
  await watching;
  return { meanwhile, after };
}

function expectRefused(seen: readonly Seen[]): void {
  expect(new Set(seen.map(({ meanwhile }) => meanwhile[0]))).toEqual(new Set(['VALID']));
  expect(seen.flatMap(({ meanwhile }) => meanwhile).filter((verdict) => verdict !== 'VALID' && verdict !== 'REVOKED')).toEqual(
    [],
  );
  expect(new Set(seen.flatMap(({ after }) => after))).toEqual(new Set(['REVOKED']));
}

describe('a verification sent after revoke has returned is refused', () => {
  test('100 times one after the other, under verifications without a pause', async () => {
    const seen: Seen[] = [];
    while (seen.length < IN_TURN) seen.push(await revokeWatched());
    expectRefused(seen);
  }, 60_000);

  test('200 times at once', async () => {
    expectRefused(await Promise.all(Array.from({ length: AT_ONCE }, revokeWatched)));
  }, 60_000);
});

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
