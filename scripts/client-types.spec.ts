import { expect, test } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONTROLLERS } from '../apps/admin/src/controllers.js';
import { openApiDocument } from '../apps/admin/src/openapi/document.js';
import { CLIENT_FILE, clientTypes } from './client-types.js';

test("the clients' types are made of the API as it is; if this fails, run `npm run client:generate`", async () => {
  const module = await Test.createTestingModule({ controllers: CONTROLLERS })
    .useMocker(() => ({}))
    .compile();
  const app = module.createNestApplication<NestExpressApplication>({ logger: false });
  try {
    const isAsMade =
      (await readFile(join(import.meta.dirname, '..', CLIENT_FILE), 'utf8')) === (await clientTypes(openApiDocument(app)));
    expect(isAsMade ? 'as made' : 'differs: run "npm run client:generate"').toBe('as made');
  } finally {
    await app.close();
  }
});
