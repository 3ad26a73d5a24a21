import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTime } from '../other-process/other-process.js';
import { lockDirectory } from './lock.js';

describe('the lock of a data directory', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mintmark-lock-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('is taken once: the second to ask learns which process holds it', async () => {
    await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow(`in use by process ${process.pid}`);
  });

  test('is free again when its holder is gone, even where another process got the same number', async () => {
    await writeFile(join(directory, 'lock.7'), `${process.pid} of-an-earlier-process\n`);
    await lockDirectory(directory);
    expect(await readdir(directory)).toEqual(['lock.8']);
  });

  test('is held by one of many that ask at once over a holder that is gone', async () => {
    await writeFile(join(directory, 'lock.1'), '4194305 0\n');
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(directory)).toEqual(['lock.2']);
  });

  test('knows a process by its number and the time it started', () => {
    expect(startTime(process.pid)).toMatch(/\d/);
    expect(startTime(process.pid)).toBe(startTime(process.pid));
    expect(startTime(process.ppid)).not.toBe(startTime(process.pid));
    expect(startTime(4_194_305)).toBeNull();
  });
});
