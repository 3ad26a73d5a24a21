import { afterAll, beforeAll, expect, test } from '@jest/globals';
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
  expect(Object.keys(document.paths).sort()).toEqual([
    '/api/v1/audit',
    '/api/v1/audit/export',
    '/api/v1/audit/verify',
    '/api/v1/auth/invitations/accept',
    '/api/v1/auth/login',
    '/api/v1/auth/logout',
    '/api/v1/auth/oidc/callback',
    '/api/v1/auth/oidc/login',
    '/api/v1/auth/password',
    '/api/v1/auth/session',
    '/api/v1/auth/session/account',
    '/api/v1/auth/sessions',
    '/api/v1/auth/sessions/{sessionId}',
    '/api/v1/key-formats',
    '/api/v1/key-formats/{name}',
    '/api/v1/keys',
    '/api/v1/keys/import',
    '/api/v1/keys/revoke-matching',
    '/api/v1/keys/self',
    '/api/v1/keys/self/revoke',
    '/api/v1/keys/{id}',
    '/api/v1/keys/{id}/revoke',
    '/api/v1/keys/{id}/rotate',
    '/api/v1/keys/{id}/secrets/{secretId}',
    '/api/v1/leaks/github',
    '/api/v1/members',
    '/api/v1/members/invitations',
    '/api/v1/members/invitations/{invitationId}',
    '/api/v1/members/{personId}',
    '/api/v1/policy',
    '/api/v1/policy/violations',
    '/api/v1/products',
    '/api/v1/products/{id}',
    '/api/v1/scope-templates',
    '/api/v1/scopes',
    '/api/v1/scopes/apply-template',
    '/api/v1/scopes/{name}',
    '/api/v1/setup',
    '/health/live',
    '/health/ready',
    '/metrics',
  ]);
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
