import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { tokenSha256 } from '#libs/key-domain';
import type { AdminClient } from '../../support/admin-client.js';
import { eventually } from '../../support/eventually.js';
import { recordSecret } from '../../support/evidence.js';
import { GuardedApi } from '../guard/guarded-api.js';
import { type Installation, startInstallation } from '../verifier/installation.js';
import { newcomer } from './office.js';

let installation: Installation;
let owner: AdminClient;

beforeAll(async () => {
  installation = await startInstallation();
  owner = installation.admin;
});
afterAll(() => installation.stop());

const LIMITS = {
  rateLimits: [{ name: 'per-day', limit: 1_000, windowSeconds: 86_400 }],
  quota: { remaining: 900, refill: { amount: 1_000, interval: 'month' } },
};

interface LineAnswer {
  readonly line?: number;
  readonly keyId?: string;
  readonly existing?: boolean;
  readonly error?: { readonly code: string; readonly details?: { readonly reason?: readonly { readonly path: string }[] } };
}

/** A token of a former system, which follows no format. */
function aToken(): string {
  const token = `old_${randomBytes(18).toString('hex')}`;
  recordSecret('token', token);
  return token;
}

const answersOf = (text: string) => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as LineAnswer]));
const written = (lines: readonly unknown[]) =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
const judged = (token: string) => installation.verifier.code({ tokenSha256: tokenSha256(token) });
const pathsOf = ({ error }: LineAnswer) => [error?.code, error?.details?.reason?.map(({ path }) => path)];

async function send(lines: readonly unknown[], client = owner, type = 'application/x-ndjson') {
  const answer = await fetch(`${installation.stack.adminUrl}/api/v1/keys/import`, {
    method: 'POST',
    headers: { cookie: client.cookie, 'content-type': type },
    body: written(lines),
  });
  const text = await answer.text();
  return { status: answer.status, answers: answer.status === 200 ? answersOf(text) : [] };
}

/** A stream that is kept open: each line is sent once the one before is answered. */
async function openImport(headers: Readonly<Record<string, string>>) {
  const url = `${installation.stack.adminUrl}/api/v1/keys/import`;
  const sending = request(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/x-ndjson' } });
  const send = (line: unknown) => sending.write(written([line]));
  send({ token: aToken() });
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  const answers = createInterface(response)[Symbol.asyncIterator]();
  const answer = async () => JSON.parse(String((await answers.next()).value)) as LineAnswer;
  expect(await answer()).toMatchObject({ line: 1, existing: false });
  return {
    next: (line: unknown = { token: aToken() }) => {
      send(line);
      return answer();
    },
    sendNothing: () => sending.write('\n'),
    closed: new Promise((resolve) => response.once('close', resolve)),
    close: () => sending.destroy(),
  };
}

test('an import ends with the right to it: no line is taken after a key, a session, a member, a role or an account is no more', async () => {
  const { id: accountId } = ((await owner.get('/auth/session')).body as { account: { id: string } }).account;
  const ofKey = async (take: (id: string) => Promise<unknown>) => {
    const { id, token } = await installation.mint({ scopes: ['mintmark:keys:write'] });
    return { headers: { authorization: `Bearer ${token}` }, take: () => take(id) };
  };
  const ofMember = async (take: (member: AdminClient, id: string) => Promise<unknown>) => {
    const member = await newcomer(installation.stack, { role: 'developer', accountId });
    const { id } = ((await member.get('/auth/session')).body as { user: { id: string } }).user;
    return { headers: { cookie: member.cookie }, take: () => take(member, id) };
  };
  const callers = [
    await ofKey((id) => owner.post(`/keys/${id}/revoke`, { reason: 'key_compromise' })),
    await ofKey((id) => owner.delete(`/keys/${id}?permanent=true`)),
    await ofKey((id) => owner.patch(`/keys/${id}`, { scopes: ['mintmark:keys:read'] })),
    await ofMember((member) => member.post('/auth/logout')),
    await ofMember((_, id) => owner.patch(`/members/${id}`, { role: 'viewer' })),
    await ofMember((_, id) => owner.delete(`/members/${id}`)),
    await ofKey(() => owner.post(`/accounts/${accountId}/suspend`)),
  ];
  const started = new Date().toISOString();
  for (const [index, { headers, take }] of callers.entries()) {
    const open = await openImport(headers);
    expect(await open.next()).toMatchObject({ line: 2, existing: false });
    await take();
    expect(await open.next(index % 2 === 0 ? undefined : 'a line that can not be read')).toEqual({
      error: expect.objectContaining({ code: expect.stringMatching(/^(unauthorized|forbidden)$/) }),
    });
    open.close();
  }
  await owner.post(`/accounts/${accountId}/resume`);
  const refusals = async () => {
    const { body } = await owner.get(`/audit?action=request.refused&target=POST%20%2Fapi%2Fv1%2Fkeys%2Fimport&from=${started}`);
    return (body as { data: { actor: { id: string } }[] }).data.map(({ actor }) => actor.id);
  };
  const told = await eventually(refusals, (actors) => actors.length >= callers.length);
  expect(new Set(told).size).toBe(callers.length);
});

test('an import is one request to the limits of the key that sends it, however long it takes', async () => {
  const limits = { rateLimits: [{ ...LIMITS.rateLimits[0], limit: 1 }], quota: { remaining: 1 } };
  const { token } = await installation.mint({ scopes: ['mintmark:keys:write'], ...limits });
  const stream = await openImport({ authorization: `Bearer ${token}` });
  for (let line = 2; line < 10; line++) expect(await stream.next()).toMatchObject({ line, existing: false });
  stream.close();
  const refused = await fetch(`${installation.stack.adminUrl}/api/v1/keys`, { headers: { authorization: `Bearer ${token}` } });
  expect([refused.status, refused.headers.get('x-tokens-remaining')]).toEqual([403, null]);
  const spent = await fetch(`${installation.stack.adminUrl}/api/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'one more' }),
  });
  expect([spent.status, spent.headers.get('x-tokens-remaining')]).toEqual([402, '0']);
});

test('of one account four imports go on at once: a fifth is refused before its lines are read, and others are not', async () => {
  const open = await Promise.all([1, 2, 3, 4].map(() => openImport({ cookie: owner.cookie })));
  const url = `${installation.stack.adminUrl}/api/v1/keys/import`;
  const headers = { cookie: owner.cookie, 'content-type': 'application/x-ndjson' };
  const refused = await fetch(url, { method: 'POST', headers, body: written([{ token: aToken() }]) });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
  expect(await refused.json()).toMatchObject({ error: { code: 'rate_limited', details: { retryAfter: 5 } } });
  const stranger = await newcomer(installation.stack, { role: 'owner' });
  expect((await send([{ token: aToken() }], stranger)).status).toBe(200);
  expect(await open[0]?.next()).toMatchObject({ line: 2, existing: false });
  for (const one of open) one.close();
  for (let time = 0; time < 3; time += 1) {
    await eventually(
      () => send([{ token: aToken() }]),
      ({ status }) => status === 200,
    );
  }
});

test('whoever may not import any more holds no place by sending blank lines', async () => {
  const { id, token } = await installation.mint({ scopes: ['mintmark:keys:write'] });
  const open = await Promise.all([1, 2, 3, 4].map(() => openImport({ authorization: `Bearer ${token}` })));
  const sending = setInterval(() => {
    for (const one of open) one.sendNothing();
  }, 500);
  try {
    expect((await send([{ token: aToken() }])).status).toBe(429);
    await owner.post(`/keys/${id}/revoke`, { reason: 'key_compromise' });
    await Promise.all(open.map(({ closed }) => closed));
  } finally {
    clearInterval(sending);
  }
  const answer = await eventually(
    () => send([{ token: aToken() }]),
    ({ status }) => status === 200,
  );
  expect(answer.status).toBe(200);
}, 30_000);

describe('an imported key', () => {
  test('is accepted as it is, in whatever form it came, with what was said of it', async () => {
    const tokens = [aToken(), aToken(), aToken(), aToken()] as const;
    const digests = tokens.map((token) => tokenSha256(token));
    const { status, answers } = await send([
      { token: tokens[0], name: 'plain', ownerId: 'cus_1', environment: 'production', metadata: { plan: 'pro' }, ...LIMITS },
      { sha256: digests[1]?.toString('hex').toUpperCase(), environment: null, createdAt: '2020-02-03T04:05:06Z' },
      { sha256: digests[2]?.toString('base64'), enabled: false },
      { sha256: digests[3]?.toString('base64url'), expiresAt: null, scopes: ['garments:read'] },
    ]);
    expect([status, answers.map(({ line, existing }) => [line, existing])]).toEqual([
      200,
      [1, 2, 3, 4].map((line) => [line, false]),
    ]);
    expect(await Promise.all(tokens.map(judged))).toEqual(['VALID', 'VALID', 'DISABLED', 'VALID']);
    const [plain, hex] = await Promise.all(answers.map(async ({ keyId }) => (await owner.get(`/keys/${keyId}`)).body));
    expect(plain).toMatchObject({
      ...{ name: 'plain', ownerId: 'cus_1', environment: 'production', metadata: { plan: 'pro' }, format: 'default' },
      ...{ lastFour: tokens[0].slice(-4), expiresAt: null, status: 'active' },
      ...{ rateLimits: LIMITS.rateLimits, quota: { ...LIMITS.quota, remaining: 899 } }, // it was verified once
    });
    expect(hex).toMatchObject({
      ...{ name: 'Imported key', lastFour: null, environment: null, createdAt: '2020-02-03T04:05:06.000Z' },
      ...{ rateLimits: [], quota: null },
    });
  });

  test('that a verifier was asked about in vain is known to it when its line is answered', async () => {
    const token = aToken();
    expect([await judged(token), await judged(token)]).toEqual(['NOT_FOUND', 'NOT_FOUND']);
    await send([{ token }]);
    expect(await judged(token)).toBe('VALID');
  });

  test('can be revoked like any other', async () => {
    const token = aToken();
    const [answer] = (await send([{ token }])).answers;
    expect(await judged(token)).toBe('VALID');
    await owner.post(`/keys/${answer?.keyId}/revoke`, { reason: 'superseded' });
    expect(await judged(token)).toBe('REVOKED');
  });

  test('without a checksum passes a warm guard of an account that had imported none, right after its answer', async () => {
    const fresh = await startInstallation();
    const api = await GuardedApi.start(fresh.stack);
    try {
      const good = await fresh.mint({ scopes: ['garments:read'] });
      await api.untilKept(good.token);
      const token = `gm_live_${randomBytes(32).toString('hex')}`;
      recordSecret('token', token);
      expect([await api.get(token), await api.get(token)]).toEqual([401, 401]);
      const answer = await fetch(`${fresh.stack.adminUrl}/api/v1/keys/import`, {
        method: 'POST',
        headers: { cookie: fresh.admin.cookie, 'content-type': 'application/x-ndjson' },
        body: written([{ token, scopes: ['garments:read'] }]),
      });
      expect(answersOf(await answer.text())).toMatchObject([{ existing: false }]);
      expect([await api.get(token), await api.get(good.token)]).toEqual([200, 200]);
    } finally {
      await api.stop();
      await fresh.stop();
    }
  }, 90_000);
});

describe('a line that is sent again', () => {
  test('answers with the key that it made, by its digest or by its line key', async () => {
    const [one, other] = [aToken(), aToken()];
    const lines = [{ token: one }, { sha256: tokenSha256(one).toString('hex') }, { token: other, lineKey: 'row 7' }];
    const first = await send(lines);
    expect(first.answers.map(({ existing }) => existing)).toEqual([false, true, false]);
    const again = await send(lines);
    expect(again.answers).toEqual(first.answers.map((answer) => ({ ...answer, existing: true })));
  });

  test('with another token under its line key is a conflict', async () => {
    await send([{ token: aToken(), lineKey: 'row 8' }]);
    const { answers } = await send([{ token: aToken(), lineKey: 'row 8' }]);
    expect(answers.map(pathsOf)).toEqual([['conflict', undefined]]);
  });

  test('to another account is a conflict, which tells nothing of the first', async () => {
    const token = aToken();
    await send([{ token }]);
    const stranger = await newcomer(installation.stack, { role: 'owner' });
    const { answers } = await send([{ token }], stranger);
    expect(answers).toEqual([{ line: 1, error: { code: 'conflict', message: 'A key with this token can not be imported.' } }]);
    expect(await judged(token)).toBe('VALID');
  });

  test('is stored once where many send it at once', async () => {
    const lines = Array.from({ length: 200 }, () => ({ token: aToken() }));
    const all = await Promise.all([1, 2, 3, 4].map(() => send(lines)));
    for (const [index] of lines.entries()) {
      const answers = all.map((one) => one.answers[index]);
      expect(new Set(answers.map((answer) => answer?.keyId)).size).toBe(1);
      expect(answers.filter((answer) => answer?.existing === false)).toHaveLength(1);
    }
  }, 60_000);
});

describe('an import', () => {
  test('answers each faulty line with its fault, and takes the others', async () => {
    const good = [aToken(), aToken()];
    const { answers } = await send([
      { token: good[0] },
      '',
      '{"token":',
      '[]',
      {},
      { token: 'x', sha256: 'y' },
      { token: 'with blanks in it' },
      { sha256: 'abc' },
      { token: aToken(), nonsense: 1, scopes: 'all' },
      { token: aToken(), scopes: ['garments:read', 'not a scope'], allowedCidrs: ['10.0.0.0/99'] },
      { token: aToken(), products: ['no such'], createdAt: '2999-01-01T00:00:00Z' },
      { token: aToken(), expiresAt: '2001-01-01T00:00:00Z' },
      { token: aToken(), createdAt: '0000-01-01T00:00:00+14:00' },
      { token: aToken(), environment: 'e'.repeat(17) },
      { token: aToken(), rateLimits: [...LIMITS.rateLimits, ...LIMITS.rateLimits], quota: {} },
      { token: aToken(), rateLimits: [...LIMITS.rateLimits, ...LIMITS.rateLimits] },
      { token: aToken(), scopes: ['mintmark:tokens:verify'], ...LIMITS },
      `{"token":"${'x'.repeat(70_000)}"}`,
      { token: good[1] },
    ]);
    expect(answers.map(({ line }) => line)).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect([answers.at(0)?.existing, answers.at(-1)?.existing]).toEqual([false, false]);
    expect(answers.slice(1, -1).map(pathsOf)).toEqual(
      [
        [''],
        [''],
        ['token'],
        ['token'],
        ['token'],
        ['sha256'],
        ['scopes', 'nonsense'],
        ['scopes.1', 'allowedCidrs.0'],
        ['products.0', 'createdAt'],
        ['expiresAt'],
        ['createdAt'],
        ['environment'],
        ['quota.remaining'],
        ['rateLimits.1.name'],
        ['rateLimits', 'quota'],
        [''],
      ].map((paths) => ['invalid_request', paths]),
    );
    expect(await Promise.all(good.map(judged))).toEqual(['VALID', 'VALID']);
  });

  test('grants no scope that is not its sender’s to grant, and the record tells of each that was asked for', async () => {
    const { account } = (await owner.get('/auth/session')).body as { account: { id: string } };
    const developer = await newcomer(installation.stack, { role: 'developer', accountId: account.id });
    const lines = ['mintmark:account:write', 'mintmark:account:write', 'mintmark:keys:read'];
    const { answers } = await send(
      lines.map((scope) => ({ token: aToken(), scopes: [scope] })),
      developer,
    );
    expect(answers.map(pathsOf)).toEqual(lines.map(() => ['forbidden', undefined]));
    const { user } = (await developer.get('/auth/session')).body as { user: { id: string } };
    const { body } = await owner.get(`/audit?action=request.refused&actor=${user.id}`);
    expect(body).toMatchObject({
      data: [
        { after: { message: 'You may not grant mintmark:keys:read.', times: 1 } },
        { after: { message: 'You may not grant mintmark:account:write.', times: 1 } },
      ],
    });
  });

  test('is for those who may write keys, and takes lines alone', async () => {
    const viewer = await newcomer(installation.stack, { role: 'viewer' });
    expect((await send([{ token: aToken() }], viewer)).status).toBe(403);
    expect((await send([{ token: aToken() }], owner, 'application/json')).status).toBe(400);
  });

  test('is an entry of the record for each batch, without a token or a digest', async () => {
    const tokens = [aToken(), aToken()];
    const { answers } = await send(tokens.map((token) => ({ token })));
    const { body } = await owner.get('/audit?action=keys.imported&limit=1');
    expect(body).toMatchObject({
      data: [{ target: { type: 'import' }, after: { count: 2, keys: answers.map(({ keyId }) => keyId) } }],
    });
    expect((await owner.post('/audit/verify', {})).body).toMatchObject({ valid: true });
  });

  test('answers what was sent so far to whoever waits for it before sending more', async () => {
    const answers = await new Promise<readonly LineAnswer[]>((resolve, reject) => {
      const sending = request(`${installation.stack.adminUrl}/api/v1/keys/import`, {
        method: 'POST',
        headers: { cookie: owner.cookie, 'content-type': 'application/x-ndjson' },
      });
      let text = '';
      sending.on('error', reject).on('response', (response) => {
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          if (answersOf(text).length === 3) sending.end();
          else sending.write(written([{ token: aToken() }]));
        });
        response.on('end', () => resolve(answersOf(text)));
      });
      sending.write(written([{ token: aToken() }]));
    });
    expect(answers.map(({ line, existing }) => [line, existing])).toEqual([
      [1, false],
      [2, false],
      [3, false],
    ]);
  });

  test('that is cut off in the middle has kept every line that it answered', async () => {
    const lines = Array.from({ length: 20_000 }, (_, n) => ({ token: aToken(), name: `row ${n}` }));
    const answered = await new Promise<string>((resolve, reject) => {
      const sending = request(`${installation.stack.adminUrl}/api/v1/keys/import`, {
        method: 'POST',
        headers: { cookie: owner.cookie, 'content-type': 'application/x-ndjson' },
      });
      let text = '';
      sending.on('response', (response) => {
        response.setEncoding('utf8').on('data', (part: string) => {
          if (!sending.destroyed) text += part;
          if (text.length > 200_000) sending.destroy();
        });
        response.on('error', () => undefined).on('close', () => resolve(text));
      });
      sending.on('error', (error) => (text === '' ? reject(error) : undefined));
      sending.write(written(lines));
      sending.write('{"token":'); // and no more: it never ends
    });
    const answers = answersOf(answered.slice(0, answered.lastIndexOf('\n')));
    expect(answers.length).toBeGreaterThan(1_000);
    expect(answers.length).toBeLessThan(20_000);
    expect(answers.map(({ line }) => line)).toEqual(answers.map((_, index) => index + 1));
    const again = await send(lines.slice(0, answers.length));
    expect(again.answers).toEqual(answers.map((answer) => ({ ...answer, existing: true })));
  }, 120_000);
});
