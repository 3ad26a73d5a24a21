import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { bearer } from '../../support/admin-client.js';
import { eventually } from '../../support/eventually.js';
import { errorCode, faultPaths, inDatabase, mint, newcomer } from './office.js';
import { accountId, officeForTests, owner, stack } from './own-office.js';

interface Entry {
  readonly number: number;
  readonly action: string;
  readonly actor: { readonly type: string; readonly id: string };
  readonly target: { readonly type: string; readonly id: string };
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly erased: boolean;
  readonly hash: string;
}

officeForTests();

async function entries(query = ''): Promise<readonly Entry[]> {
  const { status, body } = await owner.get(`/audit${query}`);
  expect(status).toBe(200);
  return (body as { readonly data: readonly Entry[] }).data;
}

async function exported(format: 'jsonl' | 'csv', query = ''): Promise<Response> {
  return fetch(`${stack.adminUrl}/api/v1/audit/export?format=${format}${query}`, { headers: { cookie: owner.cookie } });
}

const verify = async (noted?: object) => (await owner.post('/audit/verify', noted === undefined ? {} : { noted })).body;

describe('the record', () => {
  test('tells who did what to a key, from where and by which request', async () => {
    const { id } = await mint(owner, { name: 'told of' });
    await owner.patch(`/keys/${id}`, { name: 'renamed' }, { 'x-request-id': 'request-7', 'user-agent': 'teller/1' });
    await owner.post(`/keys/${id}/revoke`, { reason: 'superseded' });
    const found = await entries(`?target=${id}`);
    expect(found.map(({ action }) => action)).toEqual(['key.revoked', 'key.updated', 'key.created']);
    expect(found[1]).toMatchObject({
      actor: { type: 'person', id: expect.stringMatching(/^usr_/) },
      target: { type: 'key', id },
      requestId: 'request-7',
      address: '127.0.0.1',
      userAgent: 'teller/1',
      before: { name: 'told of' },
      after: { name: 'renamed' },
      erased: false,
    });
  });

  test('tells what a management key did as done by that key', async () => {
    const { token, id } = await mint(owner, { scopes: ['mintmark:keys:write'] });
    const made = await mint(bearer(stack, token));
    expect((await entries(`?target=${made.id}`))[0]).toMatchObject({ actor: { type: 'key', id }, action: 'key.created' });
    expect(await entries(`?actor=${id}`)).toHaveLength(1);
  });

  test('tells what was refused, and to whom', async () => {
    const viewer = await newcomer(stack, { role: 'viewer', accountId });
    const { user } = (await viewer.get('/auth/session')).body as { user: { id: string } };
    expect((await viewer.post('/keys', { name: 'no' })).status).toBe(403);
    expect(await entries('?action=request.refused&limit=1')).toMatchObject([
      {
        actor: { type: 'person', id: user.id },
        target: { type: 'route', id: 'POST /api/v1/keys' },
        after: { times: 1, ids: [] },
      },
    ]);
  });

  test('tells what was refused to a key, from an address that it may not be used from too', async () => {
    const reader = await mint(owner, { scopes: ['mintmark:keys:read'] });
    const elsewhere = await mint(owner, { scopes: ['mintmark:keys:write'], allowedCidrs: ['192.0.2.0/24'] });
    const customer = await mint(owner, { scopes: ['garments:read'] });
    for (const { token, id } of [reader, elsewhere, customer]) {
      expect((await bearer(stack, token).post('/keys', { name: 'no' })).status).toBe(403);
      expect(await entries(`?actor=${id}`)).toMatchObject([{ action: 'request.refused', actor: { type: 'key', id } }]);
    }
  });

  test('tells of a request that another site made in a session', async () => {
    const answer = await owner.post('/keys', { name: 'no' }, { origin: 'https://other.example' });
    expect(answer.status).toBe(403);
    const [entry] = await entries('?action=request.refused&limit=1');
    expect(entry).toMatchObject({ actor: { type: 'person' }, after: { message: expect.stringContaining('origin') } });
  });

  test('tells once of what is refused to the same one again and again', async () => {
    const { token, id } = await mint(owner, { scopes: ['mintmark:keys:read'] });
    const answers = await Promise.all(Array.from({ length: 50 }, () => bearer(stack, token).post('/keys', { name: 'no' })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    expect(await entries(`?actor=${id}`)).toHaveLength(1);
  });

  test('holds no token that stands in the path of what was refused, and the id that does', async () => {
    const viewer = await newcomer(stack, { role: 'viewer', accountId });
    const { token, id } = await mint(owner);
    for (const path of [token, id]) {
      expect((await viewer.post(`/keys/${path}/revoke`, { reason: 'unspecified' })).status).toBe(403);
    }
    const told = await (await exported('jsonl', '&action=request.refused')).text();
    expect(told).not.toContain(token);
    expect(told).toContain('/keys/:id/revoke');
  });

  test('holds no token', async () => {
    const { token } = await mint(owner);
    const all = await (await exported('jsonl')).text();
    expect(all).toContain('key.created');
    expect(all).not.toContain(token);
  });

  test('forgets the state of a key that is deleted for good, and stays whole', async () => {
    const { id } = await mint(owner, { name: 'to be forgotten' });
    await owner.delete(`/keys/${id}?permanent=true`);
    const found = await entries(`?target=${id}`);
    expect(found.map(({ action, erased }) => [action, erased])).toEqual([
      ['key.deleted', true],
      ['key.revoked', true],
      ['key.created', true],
    ]);
    expect(await (await exported('jsonl')).text()).not.toContain('to be forgotten');
    expect(await verify()).toMatchObject({ valid: true, firstBroken: null });
  });

  test('is for owners, admins and keys with mintmark:audit:read alone', async () => {
    for (const role of ['developer', 'viewer'] as const) {
      const person = await newcomer(stack, { role, accountId });
      const answers = [await person.get('/audit'), await person.get('/audit/export'), await person.post('/audit/verify', {})];
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    }
    const { token } = await mint(owner, { scopes: ['mintmark:audit:read'] });
    expect((await bearer(stack, token).get('/audit')).status).toBe(200);
  });

  test('shows nothing of another account', async () => {
    const stranger = await newcomer(stack, { role: 'owner' });
    const { id } = await mint(owner);
    const { body } = await stranger.get(`/audit?target=${id}`);
    expect(body).toEqual({ data: [], nextCursor: null });
  });

  test('comes page by page, without a gap or a repetition', async () => {
    const all = await entries('?limit=200');
    const paged: Entry[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await owner.get(`/audit?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`);
      const page = body as { readonly data: Entry[]; readonly nextCursor: string | null };
      paged.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(paged).toEqual(all);
    expect(all.map(({ number }) => number)).toEqual(all.map((_, index) => all.length - index));
  });

  test.each([
    ['action=key.invented', 'action'],
    ['from=yesterday', 'from'],
    ['cursor=bm9wZQ', 'cursor'],
    ['who=me', 'who'],
  ])('a query of %s is refused at %s', async (query, path) => {
    const answer = await owner.get(`/audit?${query}`);
    expect(answer.status).toBe(400);
    expect(faultPaths(answer)).toEqual([path]);
  });
});

describe('the export', () => {
  test('as JSON lines holds every entry, oldest first', async () => {
    const answer = await exported('jsonl');
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await answer.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as Entry).reverse()).toEqual(await entries('?limit=200'));
  });

  test('as CSV has a line of names and one for each entry, and nothing that a spreadsheet would compute', async () => {
    const { id } = await mint(owner, { name: 'x' });
    await owner.patch(`/keys/${id}`, { name: 'y' }, { 'user-agent': '=1+1' });
    const answer = await exported('csv', `&target=${id}`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
    const [names, ...rows] = (await answer.text()).trimEnd().split('\r\n');
    expect(names).toMatch(/^"number","at","actorType","actorId","action",/);
    expect(rows).toHaveLength(2);
    expect(rows[1]).toContain(`,"'=1+1",`);
  });
});

describe('whoever may read the record no more', () => {
  const LONG = 2_000;

  /** Somebody whose account has a long record, of entries that are too large to be read ahead. */
  async function ofLongRecord() {
    const person = await newcomer(stack, { role: 'owner' });
    const { account } = (await person.get('/auth/session')).body as { account: { id: string } };
    const key = await mint(person, { scopes: ['mintmark:audit:read'] });
    await inDatabase(stack, async (sql) => {
      for (const table of ['audit_entries', 'audit_heads']) await sql(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
      await sql(
        `INSERT INTO audit_entries SELECT (jsonb_populate_record(e, jsonb_build_object('number', n, 'change_text',
           jsonb_build_object('before', NULL, 'after', jsonb_build_object('name', repeat('x', 10000)))::text))).*
         FROM audit_heads head JOIN audit_entries e USING (account_id, number), generate_series(number + 1, $2) n
         WHERE account_id = $1`,
        [account.id, LONG],
      );
      await sql('UPDATE audit_heads SET number = $2 WHERE account_id = $1', [account.id, LONG]);
      for (const table of ['audit_entries', 'audit_heads']) await sql(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    });
    return { person, key };
  }

  test.each(['jsonl', 'csv'])(
    'is told no more of it by an export as %s that goes on, and the record tells of that',
    async (format) => {
      const { person, key } = await ofLongRecord();
      const asked = request(`${stack.adminUrl}/api/v1/audit/export?format=${format}`, {
        headers: { authorization: `Bearer ${key.token}` },
      }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      expect(answer.statusCode).toBe(200);
      await person.post(`/keys/${key.id}/revoke`, { reason: 'key_compromise' });
      let lines = 0;
      const reading = (async () => {
        for await (const part of answer) lines += String(part).split('\n').length - 1;
      })();
      await expect(reading).rejects.toThrow('aborted');
      expect(lines).toBeLessThan(LONG);
      const refusals = async () => (await person.get(`/audit?action=request.refused&actor=${key.id}`)).body as { data: Entry[] };
      const { data } = await eventually(refusals, (found) => found.data.length > 0);
      expect(data).toMatchObject([{ target: { id: 'GET /api/v1/audit/export' }, after: { times: 1 } }]);
    },
  );

  test('learns nothing from a check of the chain that was under way', async () => {
    const person = await newcomer(stack, { role: 'owner' });
    const { user } = (await person.get('/auth/session')).body as { user: { id: string } };
    const checking = await inDatabase(stack, async (sql) => {
      await sql('LOCK TABLE audit_entries IN ACCESS EXCLUSIVE MODE');
      const answer = person.post('/audit/verify', {});
      const waiting = () => sql(`SELECT FROM pg_locks WHERE relation = 'audit_entries'::regclass AND NOT granted`);
      expect(await eventually(waiting, (found) => found.length > 0)).toHaveLength(1);
      await sql('DELETE FROM sessions WHERE person_id = $1', [user.id]);
      return [answer];
    });
    expect(await Promise.all(checking)).toMatchObject([{ status: 401 }]);
  });
});

describe('checking the chain', () => {
  test('finds it whole, and says where it ends', async () => {
    const [last] = await entries('?limit=1');
    expect(await verify()).toEqual({ valid: true, head: { number: last?.number, hash: last?.hash }, firstBroken: null });
  });

  test('takes no body for nothing noted', async () => {
    expect((await owner.post('/audit/verify')).body).toMatchObject({ valid: true });
  });

  test('knows what was noted of it before', async () => {
    const { head } = (await verify()) as { readonly head: { readonly number: number; readonly hash: string } };
    await mint(owner);
    expect(await verify(head)).toMatchObject({ valid: true });
    const otherHash = head.hash.replace(/./g, (digit) => (digit === '0' ? '1' : '0'));
    expect(await verify({ ...head, hash: otherHash })).toMatchObject({
      valid: false,
      firstBroken: { number: head.number, fault: 'not_as_noted' },
    });
    expect(await verify({ ...head, number: head.number + 1_000 })).toMatchObject({ firstBroken: { fault: 'cut_off' } });
  });

  test('is refused for what is no head', async () => {
    const answer = await owner.post('/audit/verify', { noted: { number: -1, hash: 'x' } });
    expect(errorCode(answer)).toBe('invalid_request');
    expect(faultPaths(answer)).toEqual(['noted.number', 'noted.hash']);
  });
});

/** By somebody who owns the database, and takes the triggers off first. */
describe('an entry that was tampered with', () => {
  async function tampered(statement: string): Promise<unknown> {
    const stranger = await newcomer(stack, { role: 'owner' });
    for (const name of ['one', 'two', 'three']) await mint(stranger, { name });
    const { account } = (await stranger.get('/auth/session')).body as { account: { id: string } };
    expect((await stranger.post('/audit/verify', {})).body).toMatchObject({ valid: true });
    await inDatabase(stack, async (sql) => {
      for (const table of ['audit_entries', 'audit_heads']) await sql(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
      await sql(statement, [account.id]);
      for (const table of ['audit_entries', 'audit_heads']) await sql(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    });
    return (await stranger.post('/audit/verify', {})).body;
  }

  test.each([
    ['altered', 2, `UPDATE audit_entries SET actor_id = 'usr_other' WHERE account_id = $1 AND number = 2`],
    ['text_altered', 2, `UPDATE audit_entries SET change_text = '{}' WHERE account_id = $1 AND number = 2`],
    ['text_altered', 3, `UPDATE audit_entries SET origin_text = '{}' WHERE account_id = $1 AND number = 3`],
    ['missing', 2, `DELETE FROM audit_entries WHERE account_id = $1 AND number = 2`],
    ['cut_off', 4, `DELETE FROM audit_entries WHERE account_id = $1 AND number = 4`],
    [
      'beyond_end',
      3,
      `UPDATE audit_heads SET number = 2, hash = (SELECT hash FROM audit_entries e WHERE e.account_id = $1 AND e.number = 2) WHERE account_id = $1`,
    ],
    ['beyond_end', 1, `DELETE FROM audit_heads WHERE account_id = $1`],
    ['erased', 2, `UPDATE audit_entries SET change_text = NULL, change_salt = NULL WHERE account_id = $1 AND number = 2`],
    ['erased', 3, `UPDATE audit_entries SET origin_text = NULL, origin_salt = NULL WHERE account_id = $1 AND number = 3`],
    ['altered', 4, `UPDATE audit_heads SET hash = decode(repeat('01', 32), 'hex') WHERE account_id = $1`],
  ])('is found: %s at %d', async (fault, number, statement) => {
    expect(await tampered(statement)).toMatchObject({ valid: false, firstBroken: { number, fault } });
  });
});
