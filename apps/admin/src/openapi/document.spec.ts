import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { CONTROLLERS } from '../controllers.js';
import { DashboardController } from '../dashboard/dashboard.controller.js';
import { ANSWER_KEPT } from '../http/idempotency.interceptor.js';
import { SetUpPageController } from '../setup/set-up-page.controller.js';
import { openApiDocument } from './document.js';
import { ROUTES } from './routes.fixture.js';

/** What is for browsers alone. */
const PAGES: readonly unknown[] = [DashboardController, SetUpPageController];

/** Names of fields that hold what is shown once. */
const SECRET = /^(key|secret|token|password|link|url)$/i;

describe('every route', () => {
  test.each(ROUTES)('$name says whom it is for', ({ access }) => {
    expect(access).toBeDefined();
  });

  test('that is public is one of these', () => {
    const open = ROUTES.filter(({ access }) => access?.kind === 'public');
    expect(open.map(({ name }) => name).sort()).toEqual([
      'GET /',
      'GET /api/v1/auth/methods',
      'GET /api/v1/auth/oidc/callback',
      'GET /api/v1/auth/oidc/login',
      'GET /invitation',
      'GET /settings',
      'GET /settings/*path',
      'GET /setup',
      'GET /setup/page.css',
      'GET /setup/page.js',
      'POST /api/v1/auth/invitations/accept',
      'POST /api/v1/auth/login',
      'POST /api/v1/auth/logout',
      'POST /api/v1/leaks/github',
      'POST /api/v1/setup',
    ]);
  });
});

describe('the OpenAPI document', () => {
  let app: NestExpressApplication;
  let document: OpenAPIObject;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ controllers: CONTROLLERS })
      .useMocker(() => ({}))
      .compile();
    app = module.createNestApplication<NestExpressApplication>({ logger: false });
    document = openApiDocument(app);
  });

  afterAll(() => app.close());

  test.each(ROUTES.filter(({ controller }) => !PAGES.includes(controller)))('describes $name', ({ method, path }) => {
    const item = document.paths[path.replace(/:(\w+)/g, '{$1}')] as Record<string, { responses: object }> | undefined;
    expect(Object.keys(item?.[method]?.responses ?? {})).toEqual(expect.arrayContaining(['400', '500', '503']));
  });

  test('refers only to components that it has', () => {
    const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(names).toContain('Key');
    expect(names).toContain('Error');
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(expect.arrayContaining(names));
  });

  test('names the bodies by their components', () => {
    const { requestBody } = document.paths['/api/v1/keys']?.post ?? {};
    expect(requestBody).toMatchObject({ content: { 'application/json': { schema: { $ref: '#/components/schemas/IssueKey' } } } });
  });

  test('lists the query parameters of a list', () => {
    const parameters = document.paths['/api/v1/keys']?.get?.parameters ?? [];
    const names = ['limit', 'cursor', 'status', 'environment', 'ownerId', 'productId', 'scope', 'search'];
    const times = ['expiresBefore', 'unusedSince', 'rotationDue'];
    expect(parameters).toMatchObject([...names, ...times].map((name) => ({ name, in: 'query', required: false })));
  });

  test('tells the bounds of rate limits and quotas', () => {
    const { RateLimit, NewQuota } = document.components?.schemas ?? {};
    expect(RateLimit).toMatchObject({ properties: { windowSeconds: { type: 'integer', minimum: 1, maximum: 2_678_400 } } });
    expect(NewQuota).toMatchObject({ required: ['remaining'], properties: { remaining: { minimum: 0 } } });
  });

  test('offers an Idempotency-Key on every POST that needs a credential', () => {
    const offering = Object.entries(document.paths).filter(([, { post }]) =>
      post?.parameters?.some((parameter) => 'name' in parameter && parameter.name === 'Idempotency-Key'),
    );
    expect(offering.map(([path]) => path)).toEqual(
      Object.entries(document.paths)
        .filter(([, { post }]) => post !== undefined && post.security !== undefined)
        .map(([path]) => path),
    );
    expect(offering.length).toBeGreaterThan(3);
  });

  test.each(ROUTES.filter(({ method }) => method === 'post'))(
    '$name keeps no answer that names a secret',
    ({ handler, path }) => {
      const status = Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number;
      const kept = (Reflect.getMetadata(ANSWER_KEPT, handler) as boolean | undefined) ?? status !== 201;
      const { post } = document.paths[path.replace(/:(\w+)/g, '{$1}')] ?? {};
      const isPublic = post?.security === undefined;
      const answer = JSON.stringify(post?.responses[status] ?? null);
      const [, component] = /"#\/components\/schemas\/(\w+)"/.exec(answer) ?? [];
      const schema = component === undefined ? {} : document.components?.schemas?.[component];
      const names = Object.keys((schema as { properties?: object } | undefined)?.properties ?? {});
      if (kept && !isPublic) expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(SECRET)]));
      if (!isPublic) expect(status).toBeDefined();
    },
  );

  test('says how to prove oneself where that is needed', () => {
    expect(document.paths['/api/v1/keys']?.post?.security).toEqual(
      expect.arrayContaining([{ session: [] }, { managementKey: [] }]),
    );
    expect(document.paths['/api/v1/auth/login']?.post?.security).toBeUndefined();
  });
});
