import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandBlocks } from '../../support/documents.js';
import { recordSecret } from '../../support/evidence.js';
import { runShell } from '../../support/shell.js';
import { type Stack, startStack } from '../../support/stack.js';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'dist/apps/cli/src/main.js');

let stack: Stack;
let home: string;

beforeAll(async () => {
  stack = await startStack({ email: 'you@example.com' });
  home = await mkdtemp(join(tmpdir(), 'mintmark-user-'));
  await mkdir(join(home, 'bin'));
  await writeFile(join(home, 'bin/mintmark'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  await chmod(join(home, 'bin/mintmark'), 0o755);
});
afterAll(async () => {
  await stack.stop();
  await rm(home, { recursive: true });
});

test('docs/cli.md runs as printed, from signing in to the record', async () => {
  const blocks = (await commandBlocks(ROOT)).filter(({ file }) => file === join('docs', 'cli.md'));
  const script = blocks.map((block) => block.script).join('\n');
  const env = {
    PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
    XDG_CONFIG_HOME: join(home, 'config'),
    ADMIN_URL: stack.adminUrl,
    PASSWORD: stack.password,
  };
  const ran = await runShell(`${script}\necho "$TOKEN $MINTMARK_MANAGEMENT_KEY" > "$HOME/tokens"`, {
    cwd: home,
    env: { ...env, HOME: home },
  });
  for (const token of (await readFile(join(home, 'tokens'), 'utf8')).trim().split(' ')) recordSecret('token', token);
  expect(ran.exitCode).toBe(0);
  expect(blocks).toHaveLength(5);
  expect(ran.stderr).toContain('1 line: 1 imported');
  expect(ran.stdout).toMatch(/person\tyou@example\.com\n[^]*management key\tautomation [^]*status\trevoked\n[^]*whole\tyes\n/);
  expect(await readFile(join(home, 'record.jsonl'), 'utf8')).toContain('key.deleted');
});
