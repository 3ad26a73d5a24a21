import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptPeppers } from './peppers.js';

describe('peppers kept in the data directory', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mintmark-peppers-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('are made once, for their owner alone, and are the same ever after', async () => {
    const made = await keptPeppers(directory);
    expect(made).toHaveLength(1);
    expect(made[0].key).toHaveLength(32);
    expect((await stat(join(directory, 'peppers'))).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['peppers']);
    expect(await keptPeppers(directory)).toEqual(made);
  });

  test('are not made anew where a database needs the lost ones', async () => {
    await mkdir(join(directory, 'postgres'));
    await expect(keptPeppers(directory)).rejects.toThrow(`${join(directory, 'peppers')} is missing`);
    expect(await readdir(directory)).toEqual(['postgres']);
  });

  test('of another form stop the start, which does not show them', async () => {
    await writeFile(join(directory, 'peppers'), 'p1:tooshort');
    const refusal = keptPeppers(directory);
    await expect(refusal).rejects.toThrow('does not hold peppers');
    await expect(refusal).rejects.not.toThrow('tooshort');
  });
});
