// Writes the types of the clients, the command's and the page's, from the routes of the admin as it is built. No database is needed.
import { Test } from '@nestjs/testing';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTROLLERS } from '../dist/apps/admin/src/controllers.js';
import { openApiDocument } from '../dist/apps/admin/src/openapi/document.js';
import { CLIENT_FILE, clientTypes } from './client-types.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const module = await Test.createTestingModule({ controllers: CONTROLLERS })
  .useMocker(() => ({}))
  .compile();
const app = module.createNestApplication({ logger: false });
writeFileSync(join(ROOT, CLIENT_FILE), await clientTypes(openApiDocument(app)));
await app.close();
