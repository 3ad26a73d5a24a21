import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { importCircles } from '../../scripts/lint/import-circles.js';

describe('circles of imports', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'mintmark-circles-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text);
    }
  }

  test('are found through #libs/…, with the way they lead', async () => {
    await write({
      'libs/a/src/index.ts': "export * from './x.js';",
      'libs/a/src/x.ts': "import { b } from '#libs/b';\nexport const a = () => b;",
      'libs/b/src/index.ts': "import { a } from '#libs/a';\nexport const b = () => a;",
      'apps/c/src/main.ts': "import { a } from '#libs/a';\na();",
    });
    expect(importCircles(root)).toEqual([
      ['libs/a/src/index.ts', 'libs/a/src/x.ts', 'libs/b/src/index.ts', 'libs/a/src/index.ts'],
    ]);
  });

  test('are found between files of one room, and from a file to itself', async () => {
    await write({
      'apps/c/src/a.ts': "import './b.js';",
      'apps/c/src/b.ts': "import { type A } from './a.js';",
      'apps/c/src/self.ts': "export * from './self.js';",
    });
    expect(importCircles(root).map(([first]) => first)).toEqual(['apps/c/src/a.ts', 'apps/c/src/self.ts']);
  });

  test('are none where one side imports types alone', async () => {
    await write({
      'libs/a/src/x.ts': "import { y } from './y.js';\nexport type X = typeof y;",
      'libs/a/src/y.ts': "import type { X } from './x.js';\nexport const y = 1 as unknown as X;",
    });
    expect(importCircles(root)).toEqual([]);
  });
});
