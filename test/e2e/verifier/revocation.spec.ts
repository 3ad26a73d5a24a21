import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { type Installation, startInstallation } from './installation.js';

const LOOPS = 200;
const AFTERWARDS = 5;

let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(() => installation.stop());

test('a verification sent after revoke has returned is refused, in 200 loops at once', async () => {
  const { verifier } = installation;
  const loop = async () => {
    const key = await installation.mint();
    const question = { tokenSha256: createHash('sha256').update(key.token).digest() };
    const before = await verifier.code(question);
    const during = Array.from({ length: AFTERWARDS }, () => verifier.code(question));
    await installation.revoke(key);
    const after = await Promise.all(Array.from({ length: AFTERWARDS }, () => verifier.code(question)));
    return { before, during: await Promise.all(during), after };
  };
  const seen = await Promise.all(Array.from({ length: LOOPS }, loop));
  expect(new Set(seen.map(({ before }) => before))).toEqual(new Set(['VALID']));
  expect(seen.flatMap(({ during }) => during).filter((code) => code !== 'VALID' && code !== 'REVOKED')).toEqual([]);
  expect(new Set(seen.flatMap(({ after }) => after))).toEqual(new Set(['REVOKED']));
}, 60_000);
