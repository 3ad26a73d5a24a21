import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runShell } from '../../support/shell.js';
import { type Installation, startInstallation } from '../verifier/installation.js';

const ROOT = join(import.meta.dirname, '../../..');

let installation: Installation;
let home: string;
let script: string;

beforeAll(async () => {
  installation = await startInstallation();
  home = await mkdtemp(join(tmpdir(), 'mintmark-verifying-'));
  // What a service elsewhere has: the two packages, the contract and a service key.
  for (const directory of ['node_modules', '.mintmark']) await mkdir(join(home, directory));
  await symlink(join(ROOT, 'node_modules/@grpc'), join(home, 'node_modules/@grpc'));
  await cp(join(ROOT, 'proto'), join(home, 'proto'), { recursive: true });
  await writeFile(join(home, '.mintmark/service-key'), `${installation.stack.serviceKey}\n`, { mode: 0o600 });
  const [, printed = ''] = /^```js\n([^]*?)^```$/m.exec(await readFile(join(ROOT, 'docs/verifying.md'), 'utf8')) ?? [];
  script = printed.replace('127.0.0.1:50051', installation.stack.verifierGrpc);
  expect(script).toContain(installation.stack.verifierGrpc);
});
afterAll(async () => {
  await installation.stop();
  await rm(home, { recursive: true });
});

const verify = async (token: string): Promise<string> => {
  const { stdout } = await runShell('node --input-type=module --eval "$SCRIPT" "$TOKEN"', {
    cwd: home,
    env: { SCRIPT: script, TOKEN: token },
  });
  return stdout;
};

test('the printed script tells what a token is good for', async () => {
  const [reader, bound, other] = [
    await installation.mint({ scopes: ['garments:read'] }),
    await installation.mint({ scopes: ['garments:read'], allowedCidrs: ['198.51.100.0/24'] }),
    await installation.mint({ scopes: [] }),
  ];
  expect(await verify(reader.token)).toBe(`200 VERIFICATION_CODE_VALID ${reader.id}\n`);
  expect(await verify(bound.token)).toBe(`403 VERIFICATION_CODE_IP_NOT_ALLOWED ${bound.id}\n`);
  expect(await verify(other.token)).toBe(`403 VERIFICATION_CODE_INSUFFICIENT_SCOPE ${other.id}\n`);
  await installation.revoke(reader);
  expect(await verify(reader.token)).toBe(`401 VERIFICATION_CODE_REVOKED ${reader.id}\n`);
});

test('that no verifier answers is no verdict', async () => {
  const answered = script.replace(installation.stack.verifierGrpc, '127.0.0.1:1');
  const { stdout } = await runShell('node --input-type=module --eval "$SCRIPT" none', { cwd: home, env: { SCRIPT: answered } });
  expect(stdout).toMatch(/^503 /);
});
