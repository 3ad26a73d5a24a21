import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createLog } from '#libs/observability';
import { InMemorySecrets } from './in-memory-secrets.fixture.js';
import { FLUSH_INTERVAL_MS, LastUses, MAX_HELD_USES } from './last-uses.js';

let secrets: InMemorySecrets;
let logged: string[];
let uses: LastUses;

beforeEach(() => {
  jest.useFakeTimers();
  secrets = new InMemorySecrets();
  logged = [];
  uses = new LastUses(secrets, createLog('test', { write: (line: string) => void logged.push(line) }));
  uses.onModuleInit();
});
afterEach(() => {
  jest.useRealTimers();
});

const note = (secretId: string, now: number) => uses.note({ secretId, keyId: 'key_1' }, now);
const written = () => secrets.uses.map(({ secretId, at }) => [secretId, at.getTime()]);

describe('last uses', () => {
  test('are written every two seconds, the latest of each secret, in one statement', async () => {
    note('a', 10);
    note('a', 30);
    note('a', 20);
    note('b', 5);
    expect(written()).toEqual([]);
    await jest.advanceTimersByTimeAsync(FLUSH_INTERVAL_MS);
    expect(written()).toEqual([
      ['a', 30],
      ['b', 5],
    ]);
    await jest.advanceTimersByTimeAsync(FLUSH_INTERVAL_MS);
    expect(written()).toHaveLength(2);
  });

  test('that could not be written are told and written with the next ones, none older than a later use', async () => {
    note('a', 10);
    note('b', 10);
    secrets.upkeepFailure = new Error('away');
    const flushing = uses.flush();
    note('a', 20);
    await flushing;
    expect(logged.join('')).toContain('could not be recorded');
    secrets.upkeepFailure = null;
    await jest.advanceTimersByTimeAsync(FLUSH_INTERVAL_MS);
    expect(written().sort()).toEqual([
      ['a', 20],
      ['b', 10],
    ]);
  });

  test('are written when the app closes, and the timer ends', async () => {
    note('a', 10);
    await uses.beforeApplicationShutdown();
    expect(written()).toEqual([['a', 10]]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('are held for so many secrets and no more, whatever is verified meanwhile', async () => {
    for (let index = 0; index < MAX_HELD_USES + 5; index++) note(`s${index}`, 10);
    note('s0', 20);
    await uses.flush();
    expect(secrets.uses).toHaveLength(MAX_HELD_USES);
    expect(written()[0]).toEqual(['s0', 20]);
    expect(logged.join('')).toContain('"uses":5');
  });
});
