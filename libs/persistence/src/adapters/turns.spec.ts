import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnavailableError } from '#libs/key-domain';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Turns } from './turns.js';

const WAIT_LIMIT_MS = 10_000;

describe('changes of one key', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test('go one after the other, in the order they came, and those of another key meanwhile', async () => {
    const turns = new Turns(WAIT_LIMIT_MS, 'too often');
    const done: string[] = [];
    let underWay = 0;
    const change = (key: string, name: string) =>
      turns.take(key, async () => {
        if (key === 'one') expect(++underWay).toBe(1);
        await nextTurn();
        done.push(name);
        if (key === 'one') underWay--;
      });
    await Promise.all([change('one', 'a'), change('one', 'b'), change('one', 'c'), change('two', 'x')]);
    expect(done.filter((name) => name !== 'x')).toEqual(['a', 'b', 'c']);
    expect(done.indexOf('x')).toBeLessThan(2);
  });

  test('are not held up by one that failed', async () => {
    const turns = new Turns(WAIT_LIMIT_MS, 'too often');
    const failing = turns.take('one', () => Promise.reject(new Error('failed')));
    const next = turns.take('one', () => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('failed');
    expect(await next).toBe('done');
  });

  test('do not wait for ever', async () => {
    jest.useFakeTimers();
    const turns = new Turns(WAIT_LIMIT_MS, 'too often');
    let release = (): void => undefined;
    const first = turns.take('one', () => new Promise<void>((resolve) => (release = resolve)));
    const second = turns.take('one', () => Promise.resolve());
    const refused = expect(second).rejects.toThrow(UnavailableError);
    await jest.advanceTimersByTimeAsync(10_000);
    await refused;
    release();
    await first;
    expect(await turns.take('one', () => Promise.resolve('done'))).toBe('done');
  });
});
