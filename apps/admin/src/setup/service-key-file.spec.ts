import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ServiceKeyFile } from './service-key-file.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mintmark-'));
});

afterEach(() => rm(directory, { recursive: true }));

describe('the file of the service key', () => {
  test('holds the token, is for its owner alone, and makes its directory', async () => {
    const file = new ServiceKeyFile(join(directory, 'data'));
    await file.write('mm_live_token');
    expect(await readFile(file.path, 'utf8')).toBe('mm_live_token');
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
  });

  test('replaces one that everybody could read, and leaves nothing beside it', async () => {
    const file = new ServiceKeyFile(directory);
    await writeFile(file.path, 'old', { mode: 0o644 });
    await file.assertWritable();
    await file.write('new');
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['service-key']);
  });

  test('says that it can not be written before there is a token to lose', async () => {
    const inTheWay = join(directory, 'data');
    await writeFile(inTheWay, 'no directory');
    await expect(new ServiceKeyFile(inTheWay).assertWritable()).rejects.toThrow();
  });
});
