import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';
import { faultPaths, mint } from './office.js';

interface KeyPage {
  readonly data: readonly { readonly id: string; readonly name: string }[];
  readonly nextCursor: string | null;
}

let stack: Stack;
let owner: AdminClient;

beforeAll(async () => {
  stack = await startStack();
  owner = await signIn(stack);
  for (const name of ['one', 'two', 'three', 'four']) await mint(owner, { name });
});
afterAll(() => stack.stop());

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

test.each([
  ['?limit=0', ['limit']],
  ['?limit=201', ['limit']],
  ['?limit=ten', ['limit']],
  ['?limit=1&limit=2', ['limit']],
  ['?cursor=', ['cursor']],
  ['?cursor=a2V5XzE', []],
  ['?cursor=a2V5XzE%3D', ['cursor']],
  ['?cursor=JyBPUiAxPTE', ['cursor']],
  ['?sort=name&status=active', ['sort', 'status']],
])('%s is told where it is wrong', async (query, paths) => {
  const answer = await owner.get(`/keys${query}`);
  expect(answer.status).toBe(paths.length === 0 ? 200 : 400);
  if (paths.length > 0) expect(faultPaths(answer)).toEqual(paths);
});
