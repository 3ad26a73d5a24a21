import { describe, expect, test } from '@jest/globals';
import { bearer } from '../../support/admin-client.js';
import { errorCode, inDatabase, mint } from './office.js';
import { officeForTests, owner, stack } from './own-office.js';

officeForTests();

const ENFORCED = { verifiers: 1, ms: expect.any(Number), by: 'acknowledgement' };
const statusOf = async (token: string) => (await bearer(stack, token).get('/keys/self')).status;

describe('revoking', () => {
  test('says why, that it is enforced, and from then on the key is refused as revoked', async () => {
    const { id, token } = await mint(owner);
    expect(await statusOf(token)).toBe(200);
    const { status, body } = await owner.post(`/keys/${id}/revoke`, { reason: 'key_compromise', description: 'In a log.' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ metadata: { id, status: 'revoked', revocationReason: 'key_compromise' }, enforced: ENFORCED });
    const refused = await bearer(stack, token).get('/keys/self');
    expect(refused.status).toBe(401);
    expect(refused.body).toMatchObject({ error: { details: { reason: 'API key has been revoked' } } });
  });

  test('again changes nothing but is enforced again', async () => {
    const { id } = await mint(owner);
    const first = await owner.post(`/keys/${id}/revoke`, { reason: 'superseded' });
    const again = await owner.post(`/keys/${id}/revoke`, { reason: 'key_compromise' });
    expect(again.status).toBe(200);
    expect(again.body).toEqual({ ...(first.body as object), enforced: ENFORCED });
  });

  test('with DELETE gives no reason, and the same answer when it is repeated', async () => {
    const { id, token } = await mint(owner);
    const first = await owner.delete(`/keys/${id}`);
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ metadata: { status: 'revoked', revocationReason: 'unspecified' }, enforced: ENFORCED });
    expect(await statusOf(token)).toBe(401);
    expect((await owner.delete(`/keys/${id}`)).body).toEqual({ ...(first.body as object), enforced: ENFORCED });
    expect((await owner.get(`/keys/${id}`)).status).toBe(200);
  });
});

describe('deleting for good', () => {
  test('leaves no row of the key, and 404 ever after', async () => {
    const { id, token } = await mint(owner);
    const { status, body } = await owner.delete(`/keys/${id}?permanent=true`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ metadata: { id, status: 'revoked' }, enforced: ENFORCED });
    expect(await statusOf(token)).toBe(401);
    const answers = [
      await owner.get(`/keys/${id}`),
      await owner.delete(`/keys/${id}`),
      await owner.delete(`/keys/${id}?permanent=true`),
    ];
    expect(answers.map((answer) => [answer.status, errorCode(answer)])).toEqual(Array(3).fill([404, 'not_found']));
    const rows = await inDatabase(stack, (sql) =>
      sql('SELECT id FROM keys WHERE id = $1 UNION SELECT id FROM secrets WHERE key_id = $1', [id]),
    );
    expect(rows).toEqual([]);
  });

  test('works on a revoked key too, which keeps its reason to the last', async () => {
    const { id } = await mint(owner);
    await owner.post(`/keys/${id}/revoke`, { reason: 'superseded' });
    const { body } = await owner.delete(`/keys/${id}?permanent=true`);
    expect(body).toMatchObject({ metadata: { revocationReason: 'superseded' } });
  });
});
