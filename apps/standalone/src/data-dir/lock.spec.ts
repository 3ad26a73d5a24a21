import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
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

  test('is free again when its holder has ended, though nobody has taken note of that', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const holder = Number(line.toString());
    await writeFile(join(directory, 'lock.7'), `${holder} ${startTime(holder)}\n`);
    await expect(lockDirectory(directory)).rejects.toThrow(`in use by process ${holder}`);
    await setTimeout(500);
    await lockDirectory(directory);
    expect(() => process.kill(holder, 0)).not.toThrow();
    parent.kill();
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
