import { type BegunRequest, ConflictError, type IdempotentRequest, newId } from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { aKey, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

export function idempotencyStoreConformance(storage: () => StorageHarness): void {
  let accountId: string;
  beforeEach(async () => {
    accountId = await storage().account();
  });

  const aRequest = (given: Partial<IdempotentRequest> = {}): IdempotentRequest => ({
    accountId,
    actor: BY.actor,
    key: newId('key'),
    fingerprints: [randomBytes(32)],
    repeatable: false,
    ...given,
  });
  const begin = (request: IdempotentRequest) => storage().idempotency.begin(request);
  const attemptOf = (begun: BegunRequest): string => {
    if (begun.kind !== 'begun') throw new Error(`not begun: ${begun.kind}`);
    return begun.attempt;
  };
  const insertKey = async (attempt: string) => {
    const { id } = await storage().keys.insert(aKey(accountId), { ...BY, attempt });
    return { type: 'key', id };
  };
  const keys = async () => (await storage().keys.list(accountId, {}, { limit: 10, before: null })).keys.length;

  describe('IdempotencyStore', () => {
    test('of 50 that begin one request at once one carries it out', async () => {
      const request = aRequest();
      const begun = await Promise.all(Array.from({ length: 50 }, () => begin(request)));
      expect(begun.filter(({ kind }) => kind === 'begun')).toHaveLength(1);
      expect(begun.filter(({ kind }) => kind === 'running')).toHaveLength(49);
    });

    test('gives a kept answer again, and none that held a secret', async () => {
      const [kept, secret] = [aRequest(), aRequest()];
      await storage().idempotency.end(attemptOf(await begin(kept)), { status: 200, body: '{"a":1}' });
      expect(await begin(kept)).toEqual({ kind: 'answered', answer: { status: 200, body: '{"a":1}' } });
      const attempt = attemptOf(await begin(secret));
      const target = await insertKey(attempt);
      await storage().idempotency.end(attempt, { status: 201, body: null });
      expect(await begin(secret)).toEqual({ kind: 'done', target });
    });

    test('tells requests apart by what they ask for, and senders and accounts by themselves', async () => {
      const request = aRequest();
      await begin(request);
      expect(await begin({ ...request, fingerprints: [randomBytes(32)] })).toEqual({ kind: 'other_request' });
      expect(await begin({ ...request, fingerprints: [randomBytes(32), ...request.fingerprints] })).toEqual({ kind: 'running' });
      expect(await begin({ ...request, actor: { type: 'key', id: BY.actor.id } })).toMatchObject({ kind: 'begun' });
      expect(await begin({ ...request, accountId: await storage().account() })).toMatchObject({ kind: 'begun' });
    });

    test('an attempt that goes on is renewed; one that has ended is not begun anew by it', async () => {
      const [running, ended] = [aRequest(), aRequest()];
      await storage().idempotency.renew(attemptOf(await begin(running)));
      expect(await begin(running)).toEqual({ kind: 'running' });
      const attempt = attemptOf(await begin(ended));
      await storage().idempotency.end(attempt, { status: 200, body: '{}' });
      await storage().idempotency.renew(attempt);
      expect(await begin(ended)).toMatchObject({ kind: 'answered' });
    });

    test('an attempt that failed without a change was never made', async () => {
      const request = aRequest();
      await storage().idempotency.abandon(attemptOf(await begin(request)));
      expect(await begin({ ...request, fingerprints: [randomBytes(32)] })).toMatchObject({ kind: 'begun' });
    });

    test('an attempt that failed after its change is not made again, unless that does no more than once', async () => {
      const request = aRequest();
      const attempt = attemptOf(await begin(request));
      const target = await insertKey(attempt);
      await storage().idempotency.abandon(attempt);
      expect(await begin(request)).toEqual({ kind: 'done', target });
      expect(await begin({ ...request, repeatable: true })).toMatchObject({ kind: 'begun' });
    });

    test('a repetition takes the place of an attempt that died, and what that one had not committed it never will', async () => {
      const request = aRequest();
      const dead = attemptOf(await begin(request));
      expect(await begin(request)).toEqual({ kind: 'running' });
      await storage().passTime(accountId, 31);
      const attempt = attemptOf(await begin(request));
      await expect(insertKey(dead)).rejects.toThrow(ConflictError);
      expect(await keys()).toBe(0);
      await insertKey(attempt);
      expect(await keys()).toBe(1);
    });

    test('an attempt that died after its change is told by what it made', async () => {
      const request = aRequest();
      const target = await insertKey(attemptOf(await begin(request)));
      expect(await begin(request)).toEqual({ kind: 'running' });
      await storage().passTime(accountId, 31);
      expect(await begin(request)).toEqual({ kind: 'done', target });
    });

    test('an attempt whose change is taken back has done nothing', async () => {
      const request = aRequest();
      const attempt = attemptOf(await begin(request));
      await expect(storage().keys.insert(aKey(accountId, { format: 'nope' }), { ...BY, attempt })).rejects.toThrow();
      await storage().passTime(accountId, 31);
      expect(await begin(request)).toMatchObject({ kind: 'begun' });
    });

    test('forgets after a day', async () => {
      const request = aRequest();
      await storage().idempotency.end(attemptOf(await begin(request)), { status: 200, body: '' });
      await storage().passTime(accountId, 86_390);
      expect(await begin(request)).toMatchObject({ kind: 'answered' });
      await storage().passTime(accountId, 20);
      expect(await begin({ ...request, fingerprints: [randomBytes(32)] })).toMatchObject({ kind: 'begun' });
    });

    test('takes out what has had its time, a few with each new request', async () => {
      for (let n = 0; n < 5; n++) await begin(aRequest());
      await storage().passTime(accountId, 86_410);
      await begin(aRequest());
      expect(await storage().idempotencyRecords(accountId)).toBe(1);
    });
  });
}
