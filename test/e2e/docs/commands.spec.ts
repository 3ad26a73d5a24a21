import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandBlock, commandBlocks, fileLinks } from '../../support/documents.js';
import { runShell } from '../../support/shell.js';
import { type Stack, startStack } from '../../support/stack.js';

const ROOT = join(import.meta.dirname, '../../..');
const blocks = await commandBlocks(ROOT);
const place = ({ file, line }: CommandBlock) => `${file}:${line}`;

describe('commands in documents', () => {
  test.each(blocks.map((block) => [place(block), block] as const))('%s is run by a test, or says why not', (_, block) => {
    const spoken = [block.run !== null, block.runBy !== null, block.notRunHere].filter(Boolean);
    expect(spoken).toHaveLength(1);
    if (block.runBy !== null) expect(existsSync(join(ROOT, block.runBy))).toBe(true);
  });

  test.each(blocks.filter((block) => block.run?.[0] === 'alone').map((block) => [place(block), block] as const))(
    '%s runs as printed',
    async (_, block) => {
      const result = await runShell(block.script, { cwd: ROOT });
      expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    },
  );
});

test('every file that a document links to is there', async () => {
  const dead = (await fileLinks(ROOT)).filter(({ target }) => !existsSync(join(ROOT, target)));
  expect(dead).toEqual([]);
});

const onPath = (file: string) => blocks.filter((block) => block.file === file && block.run?.[0] === 'path');
/** Other documents go on from where the README has signed in and issued a key. */
const begunBy = (file: string) => (file === 'README.md' ? [] : onPath('README.md').slice(0, 2));

describe('the path through', () => {
  let stack: Stack;
  let cwd: string;

  beforeAll(async () => {
    stack = await startStack({ email: 'you@example.com', password: 'correct horse battery staple' });
    cwd = await mkdtemp(join(tmpdir(), 'mintmark-readme-'));
  });
  afterAll(async () => {
    await stack.stop();
    await rm(cwd, { recursive: true });
  });

  test.each([
    ['README.md', 'from the first key to a 401', ['200', '401'], 'acknowledgement'],
    ['docs/limits.md', 'from a limit to a 429, and past it', ['429', '200'], 'per-minute'],
    ['docs/usage.md', 'to what came of a key', [], '"granularity":"day"'],
  ])('%s, %s, runs as printed, with the statuses that it names', async (file, _, statuses, told) => {
    const path = [...begunBy(file), ...onPath(file)];
    const script = path.map(({ script }, index) => `${script}\necho; echo "--- ${index}"\n`).join('');
    const result = await runShell(
      script.replaceAll('http://127.0.0.1:3000', stack.adminUrl).replaceAll('http://127.0.0.1:3002', stack.exampleUrl),
      { cwd },
    );
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const outputs = result.stdout.split(/^--- \d+\n/m);
    path.forEach(({ run }, index) => {
      const status = run?.[1];
      if (status !== undefined) expect(outputs[index]?.trim().split('\n').at(-1)).toBe(status);
    });
    expect(path.map(({ run }) => run?.[1]).filter(Boolean)).toEqual(statuses);
    expect(outputs.join('')).toContain(told);
  });

  test('leads through no other document', () => {
    const files = new Set(blocks.filter(({ run }) => run?.[0] === 'path').map(({ file }) => file));
    expect([...files].sort()).toEqual(['README.md', 'docs/limits.md', 'docs/usage.md']);
  });
});
