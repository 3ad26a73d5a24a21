import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminClient, type Answer, bearer } from '../../support/admin-client.js';
import { recordSecret } from '../../support/evidence.js';
import { commandBlocks } from '../../support/documents.js';
import { runShell } from '../../support/shell.js';
import { type Installation, type Minted, startInstallation } from '../verifier/installation.js';
import { errorCode, faultPaths, newcomer } from './office.js';

let installation: Installation;
let owner: AdminClient;

beforeAll(async () => {
  installation = await startInstallation();
  owner = installation.admin;
});
afterAll(() => installation.stop());

const ENFORCED = { verifiers: 1, ms: expect.any(Number), by: 'acknowledgement' };
const HOUR = 3600;

interface Rotated {
  readonly key: string;
  readonly metadata: { readonly secrets: readonly ShownSecret[] };
  readonly previous: { readonly secretId: string; readonly endsAt: string };
}
interface ShownSecret {
  readonly id: string;
  readonly lastFour: string;
  readonly endsAt: string | null;
  readonly lastUsedAt: string | null;
}

const codeOf = (token: string) => installation.verifier.code({ tokenSha256: createHash('sha256').update(token).digest() });
const rotate = ({ id }: Pick<Minted, 'id'>, graceSeconds: unknown) => owner.post(`/keys/${id}/rotate`, { graceSeconds });
async function rotated(key: Pick<Minted, 'id'>, graceSeconds: number): Promise<Rotated> {
  const { status, body } = await rotate(key, graceSeconds);
  if (status !== 201) throw new Error(`not rotated: ${status} ${JSON.stringify(body)}`);
  return body as Rotated;
}
const secretsOf = async ({ id }: Minted) => ((await owner.get(`/keys/${id}`)).body as Rotated['metadata']).secrets;
const outcome = (answer: Answer) => [answer.status, errorCode(answer)];

describe('rotating a key', () => {
  test('keeps its id and all that it grants, and answers with the new token in its format, once', async () => {
    const key = await installation.mint({ format: 'garmint', environment: 'test', scopes: ['garments:read'], ownerId: 'o-1' });
    const before = (await owner.get(`/keys/${key.id}`)).body as Record<string, unknown>;
    const answer = await rotate(key, HOUR);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { key: token, metadata, previous } = answer.body as Rotated;
    expect(token).toMatch(/^gm_test_[0-9a-f]{64}$/);
    const [old] = await secretsOf(key).then((secrets) => secrets.slice(1));
    expect(answer.body).toEqual({
      key: token,
      metadata: { ...before, lastFour: token.slice(-4), secrets: metadata.secrets },
      previous: { secretId: old?.id, endsAt: old?.endsAt },
      warning: 'Save this key now - it will not be shown again!',
      enforced: ENFORCED,
    });
    expect(metadata.secrets.map(({ lastFour }) => lastFour)).toEqual([token.slice(-4), key.token.slice(-4)]);
    const left = Date.parse(previous.endsAt) - Date.now();
    expect(left).toBeGreaterThan((HOUR - 60) * 1000);
    expect(left).toBeLessThanOrEqual(HOUR * 1000);
    expect(JSON.stringify((await owner.get(`/keys/${key.id}`)).body)).not.toContain(token);
  });

  test('both tokens are accepted during the grace period, and the new one alone from its end on', async () => {
    const key = await installation.mint();
    expect(await codeOf(key.token)).toBe('VALID');
    const { key: token, previous } = await rotated(key, 4);
    expect([await codeOf(token), await codeOf(key.token)]).toEqual(['VALID', 'VALID']);
    await sleep(Date.parse(previous.endsAt) - Date.now() + 1);
    expect([await codeOf(token), await codeOf(key.token)]).toEqual(['VALID', 'EXPIRED']);
  });

  test('without grace the former token is refused once the call has returned, however warm it was', async () => {
    for (let round = 0; round < 20; round++) {
      const key = await installation.mint();
      expect([await codeOf(key.token), await codeOf(key.token)]).toEqual(['VALID', 'VALID']);
      const { key: token } = await rotated(key, 0);
      expect([await codeOf(token), await codeOf(key.token)]).toEqual(['VALID', 'REVOKED']);
    }
  });

  test('a further rotation within the grace period ends the oldest secret at once', async () => {
    const key = await installation.mint();
    const second = await rotated(key, HOUR);
    expect([await codeOf(key.token), await codeOf(second.key)]).toEqual(['VALID', 'VALID']);
    const third = await rotated(key, HOUR);
    expect(third.previous.secretId).toBe(second.metadata.secrets[0]?.id);
    expect(await Promise.all([key.token, second.key, third.key].map(codeOf))).toEqual(['REVOKED', 'VALID', 'VALID']);
  });

  test('shows which of the two is still used', async () => {
    const key = await installation.mint();
    const { key: token } = await rotated(key, HOUR);
    await codeOf(token);
    while ((await secretsOf(key))[0]?.lastUsedAt === null) await sleep(100);
    expect(await secretsOf(key)).toMatchObject([{ lastUsedAt: expect.any(String) }, { lastUsedAt: null }]);
  });

  test('no secret outlives its key', async () => {
    const expiresAt = new Date(Date.now() + HOUR * 1000).toISOString();
    const key = await installation.mint({ expiresAt });
    expect((await rotated(key, 30 * 86_400)).previous.endsAt).toBe(expiresAt);
  });

  test('sent again under one Idempotency-Key it rotates once', async () => {
    const key = await installation.mint();
    const send = () => owner.post(`/keys/${key.id}/rotate`, { graceSeconds: HOUR }, { 'idempotency-key': key.id });
    const [first, again] = [await send(), await send()];
    expect([first.status, again.status]).toEqual([201, 409]);
    expect(await secretsOf(key)).toHaveLength(2);
    expect([await codeOf(key.token), await codeOf((first.body as Rotated).key)]).toEqual(['VALID', 'VALID']);
  });

  test('a disabled key stays disabled', async () => {
    const key = await installation.mint();
    await owner.patch(`/keys/${key.id}`, { enabled: false });
    const { key: token } = await rotated(key, HOUR);
    expect(await codeOf(token)).toBe('DISABLED');
  });

  test.each([
    ['absent', undefined],
    ['negative', -1],
    ['over 30 days', 2_592_001],
    ['a fraction', 1.5],
    ['a text', '60'],
  ])('a grace period that is %s is refused', async (_, graceSeconds) => {
    const key = await installation.mint();
    const answer = await rotate(key, graceSeconds);
    expect([answer.status, faultPaths(answer)]).toEqual([400, ['graceSeconds']]);
    expect(await secretsOf(key)).toHaveLength(1);
  });

  test('a revoked key and an expired one are conflicts', async () => {
    const revoked = await installation.mint();
    await installation.revoke(revoked);
    expect(outcome(await rotate(revoked, 0))).toEqual([409, 'conflict']);
    const expired = await installation.mint({ expiresAt: new Date(Date.now() + 1_500).toISOString() });
    await sleep(1_600);
    expect(outcome(await rotate(expired, 0))).toEqual([409, 'conflict']);
  });

  test('nobody gets a token by it that may do more than they may give', async () => {
    const powerful = await installation.mint({ scopes: ['mintmark:keys:write', 'mintmark:account:write'] });
    const maker = await installation.mint({ scopes: ['mintmark:keys:write'] });
    const by = bearer(installation.stack, maker.token);
    expect(outcome(await by.post(`/keys/${powerful.id}/rotate`, { graceSeconds: 0 }))).toEqual([403, 'forbidden']);
    expect(await codeOf(powerful.token)).toBe('VALID');
    const plain = await installation.mint();
    expect((await by.post(`/keys/${plain.id}/rotate`, { graceSeconds: 0 })).status).toBe(201);
  });
});

describe('ending the grace period early', () => {
  test('refuses the former token from then on, and answers alike when it is repeated', async () => {
    const key = await installation.mint();
    const { key: token, previous } = await rotated(key, HOUR);
    expect(await codeOf(key.token)).toBe('VALID');
    const first = await owner.delete(`/keys/${key.id}/secrets/${previous.secretId}`);
    expect([first.status, first.body]).toMatchObject([200, { metadata: { id: key.id, status: 'active' }, enforced: ENFORCED }]);
    expect([await codeOf(token), await codeOf(key.token)]).toEqual(['VALID', 'REVOKED']);
    const again = await owner.delete(`/keys/${key.id}/secrets/${previous.secretId}`);
    expect([again.status, again.body]).toEqual([200, { ...(first.body as object), enforced: ENFORCED }]);
  });

  test('the only secret is not ended: its key is revoked instead', async () => {
    const key = await installation.mint();
    const [only] = await secretsOf(key);
    expect(outcome(await owner.delete(`/keys/${key.id}/secrets/${only?.id}`))).toEqual([409, 'conflict']);
    expect(await codeOf(key.token)).toBe('VALID');
  });

  test('what is no secret of the key is not found, and neither is another account’s', async () => {
    const key = await installation.mint();
    const other = await installation.mint();
    const { previous } = await rotated(other, HOUR);
    for (const secret of [previous.secretId, 'sec_none', 'none', '%00'])
      expect(outcome(await owner.delete(`/keys/${key.id}/secrets/${secret}`))).toEqual([404, 'not_found']);
    const stranger = await newcomer(installation.stack, { role: 'owner' });
    expect(outcome(await stranger.delete(`/keys/${other.id}/secrets/${previous.secretId}`))).toEqual([404, 'not_found']);
    expect(outcome(await stranger.post(`/keys/${other.id}/rotate`, { graceSeconds: 0 }))).toEqual([404, 'not_found']);
    expect(await codeOf(other.token)).toBe('VALID');
  });
});

test('the record tells of secrets and their ends, and never of a token', async () => {
  const key = await installation.mint();
  const { key: token, previous, metadata } = await rotated(key, HOUR);
  await owner.delete(`/keys/${key.id}/secrets/${previous.secretId}`);
  await owner.delete(`/keys/${key.id}/secrets/${previous.secretId}`);
  const { body } = await owner.get(`/audit?target=${key.id}`);
  const { data } = body as { readonly data: readonly { readonly action: string }[] };
  expect(data.map(({ action }) => action)).toEqual(['key.secret_ended', 'key.rotated', 'key.created']);
  expect(data[1]).toMatchObject({
    before: { secrets: [{ id: previous.secretId, endsAt: null }] },
    after: {
      secrets: [
        { id: metadata.secrets[0]?.id, endsAt: null },
        { id: previous.secretId, endsAt: previous.endsAt },
      ],
    },
  });
  expect(JSON.stringify(body)).not.toContain(token);
});

test('the commands of docs/rotation.md do what it says', async () => {
  const key = await installation.mint();
  const { previous } = await rotated(key, HOUR);
  const blocks = await commandBlocks(join(import.meta.dirname, '../../..'));
  const commands = blocks.filter(({ file }) => file === 'docs/rotation.md').map(({ script }) => script);
  const cwd = await mkdtemp(join(tmpdir(), 'mintmark-rotation-'));
  const { adminUrl, email, password } = installation.stack;
  const login = `curl -sS -c mintmark.cookies http://127.0.0.1:3000/api/v1/auth/login \\
    -H 'Content-Type: application/json' -d '${JSON.stringify({ email, password })}'`;
  const script = [`KEY_ID=${key.id} SECRET_ID=${previous.secretId}`, login, ...commands].join('\necho\n');
  const { exitCode, stdout, stderr } = await runShell(script.replaceAll('http://127.0.0.1:3000', adminUrl), { cwd });
  await rm(cwd, { recursive: true });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const answers = stdout
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as object);
  recordSecret('token', (answers[1] as Rotated).key);
  expect(answers).toMatchObject([
    { role: 'owner' },
    { previous: { endsAt: expect.any(String) } },
    { id: key.id },
    { enforced: ENFORCED },
  ]);
});
