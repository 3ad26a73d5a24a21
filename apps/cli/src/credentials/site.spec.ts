import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsPath, writeCredentials } from './credentials-file.js';
import { findSite } from './site.js';

const url = 'http://10.0.0.9:3000';
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  environment = { XDG_CONFIG_HOME: await mkdtemp(join(tmpdir(), 'mintmark-site-')) };
  await writeCredentials(credentialsPath(environment), { url, kind: 'session', secret: 'kept' });
});
afterAll(() => rm(environment['XDG_CONFIG_HOME'] ?? '', { recursive: true }));

describe('plain HTTP to another machine needs --allow-insecure', () => {
  test.each([
    ['named by the variable', { MINTMARK_ADMIN_URL: url }],
    ['kept at sign-in', {}],
    ['kept at sign-in, with a key of the variable', { MINTMARK_MANAGEMENT_KEY: 'mm_live_other' }],
  ])('%s', async (_, variables) => {
    const asked = { ...environment, ...variables };
    await expect(findSite(asked, { allowInsecure: false })).rejects.toThrow('plain text over a network');
    await expect(findSite(asked, { allowInsecure: true })).resolves.toMatchObject({ url });
  });
});
