import { beforeAll, expect, test } from '@jest/globals';
import { faultPaths, mint } from './office.js';
import { officeForTests, owner } from './own-office.js';

interface KeyPage {
  readonly data: readonly { readonly id: string; readonly name: string; readonly status: string }[];
  readonly nextCursor: string | null;
}

officeForTests();
beforeAll(async () => {
  for (const name of ['one', 'two', 'three', 'four']) await mint(owner, { name });
});

const page = async (query: string): Promise<KeyPage> => (await owner.get(`/keys${query}`)).body as KeyPage;
const names = ({ data }: KeyPage) => data.map(({ name }) => name);
const ALL = ['four', 'three', 'two', 'one', 'Service key'];

test('keys are listed newest first, whole where they fit, without a token', async () => {
  const answer = await owner.get('/keys');
  expect(names(answer.body as KeyPage)).toEqual(ALL);
  expect(answer.body).toMatchObject({ nextCursor: null });
  expect(JSON.stringify(answer.body)).not.toMatch(/mm_live_/);
});

test('pages show every key once, though keys are issued meanwhile', async () => {
  const first = await page('?limit=2');
  const late = await mint(owner, { name: 'late' });
  const second = await page(`?limit=2&cursor=${first.nextCursor}`);
  const third = await page(`?limit=2&cursor=${second.nextCursor}`);
  await owner.delete(`/keys/${late.id}?permanent=true`);
  expect([first, second, third].flatMap(names)).toEqual(ALL);
  expect(third.nextCursor).toBeNull();
});

test('a single key is shown as in the list', async () => {
  const [newest] = (await page('')).data;
  const { status, body } = await owner.get(`/keys/${newest?.id}`);
  expect(status).toBe(200);
  expect(body).toEqual(newest);
});

test('filters leave the keys for which all of them hold, page by page', async () => {
  const fields = { ownerId: 'customer-7', scopes: ['garments:*'], products: 'all' };
  const made = await Promise.all([1, 2, 3].map((n) => mint(owner, { name: `Loom ${n}`, ...fields })));
  const ids = made
    .map(({ id }) => id)
    .sort()
    .reverse();
  await owner.post(`/keys/${ids[2]}/revoke`, { reason: 'superseded' });
  const first = await page('?scope=garments:read&search=LOO&limit=2');
  const second = await page(`?scope=garments:read&search=LOO&limit=2&cursor=${first.nextCursor}`);
  expect([first, second].flatMap(({ data }) => data.map(({ id }) => id))).toEqual(ids);
  const left = async (query: string) => (await page(query)).data.map(({ id }) => id);
  const later = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
  expect(await left('?ownerId=customer-7&status=active&productId=any&environment=live')).toEqual(ids.slice(0, 2));
  expect(await left(`?status=revoked&unusedSince=${later}&rotationDue=false`)).toEqual(ids.slice(2));
  expect(await left(`?ownerId=customer-7&expiresBefore=${later}`)).toEqual([]);
  for (const { id } of made) await owner.delete(`/keys/${id}?permanent=true`);
});

test.each([
  ['?limit=0', ['limit']],
  ['?limit=201', ['limit']],
  ['?limit=ten', ['limit']],
  ['?limit=1&limit=2', ['limit']],
  ['?cursor=', ['cursor']],
  ['?cursor=a2V5XzE', []],
  ['?cursor=a2V5XzE%3D', ['cursor']],
  ['?cursor=JyBPUiAxPTE', ['cursor']],
  ['?status=gone&rotationDue=yes', ['status', 'rotationDue']],
  ['?environment=&ownerId=%20&productId=%00', ['environment', 'ownerId', 'productId']],
  ['?scope=anything', ['scope']],
  ['?scope=mintmark:*', ['scope']],
  ['?search=', ['search']],
  [`?search=${'x'.repeat(256)}`, ['search']],
  ['?expiresBefore=tomorrow&unusedSince=2030-01-01', ['expiresBefore', 'unusedSince']],
  ['?status=active&status=revoked', ['status']],
  ['?sort=name&state=active', ['sort', 'state']],
])('%s is told where it is wrong', async (query, paths) => {
  const answer = await owner.get(`/keys${query}`);
  expect(answer.status).toBe(paths.length === 0 ? 200 : 400);
  if (paths.length > 0) expect(faultPaths(answer)).toEqual(paths);
});

test('a key is shown in the status that it was listed for, to the moment at which it expires', async () => {
  const first = Date.now() + 5_000;
  const ends = Array.from({ length: 60 }, (_, index) => new Date(first + index * 3).toISOString());
  await Promise.all(ends.map((expiresAt) => mint(owner, { ownerId: 'short-lived', expiresAt })));
  for (let left = 1; left > 0;) {
    const { data } = await page('?status=active&ownerId=short-lived&limit=200');
    expect(data.filter(({ status }) => status !== 'active')).toEqual([]);
    left = data.length;
  }
});
