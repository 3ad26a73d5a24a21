import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataDirectory } from './data-directory.js';

describe('the data directory', () => {
  let parent: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'mintmark-data-'));
  });
  afterEach(() => rm(parent, { recursive: true }));

  test('is made with its parents, closed to everybody else', async () => {
    const directory = await openDataDirectory(join(parent, 'a/b'));
    expect(directory).toBe(join(parent, 'a/b'));
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['a file', 'file', 'is a file. Set'],
    ['below a file', 'file/below', 'lies below a file. Set'],
  ])('that is %s is named, with the variable that chooses another', async (_, name, reason) => {
    await writeFile(join(parent, 'file'), '');
    const refusal = openDataDirectory(join(parent, name));
    await expect(refusal).rejects.toThrow(`${join(parent, name)} ${reason}`);
    await expect(refusal).rejects.toThrow('MINTMARK_DATA_DIR');
  });
});
