import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AUTHORIZATION_MATRIX } from '../../../apps/admin/src/access/authorization-matrix.js';
import { type Stack, startStack } from '../../support/stack.js';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const get = (path: string) => fetch(`${stack.adminUrl}${path}`);

test('the API describes itself to machines', async () => {
  const document = (await (await get('/api/openapi.json')).json()) as { openapi: string; paths: Record<string, object> };
  expect(document.openapi).toBe('3.1.0');
  const routes = AUTHORIZATION_MATRIX.map(({ route }) => (route.split(' ')[1] ?? '').replace(/:(\w+)/g, '{$1}'));
  const api = routes.filter((path) => path.startsWith('/api/'));
  const described = Object.keys(document.paths).filter((path) => path.startsWith('/api/'));
  expect(described.sort()).toEqual([...new Set(api)].sort());
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/health/live', '/health/ready', '/metrics']));
});

test('the API describes itself to people, with files of its own alone', async () => {
  const page = await get('/api/docs');
  const html = await page.text();
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none';script-src 'self'/);
  const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(sources.length).toBeGreaterThan(3);
  for (const path of sources) {
    const file = await get(new URL(path, `${stack.adminUrl}/api/docs`).pathname);
    expect([file.status, (await file.arrayBuffer()).byteLength > 0]).toEqual([200, true]);
  }
});

test('the first page leads to the documentation', async () => {
  expect(await (await get('/')).text()).toContain('href="/api/docs"');
});

test.each(['/health/live', '/health/ready', '/metrics'])('%s is open to probes', async (path) => {
  expect((await get(path)).status).toBe(200);
});
