import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { UnavailableError } from '#libs/key-domain';
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

const note = (secretId: string, now: number, accountId = 'acc_1') => uses.note({ secretId, keyId: 'key_1', accountId }, now);
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
    secrets.upkeepFailure = new UnavailableError('away');
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

  test('that the store refuses are dropped, so that those after them are written', async () => {
    note('refused', 10);
    secrets.upkeepFailure = new Error('date/time field value out of range');
    await uses.flush();
    secrets.upkeepFailure = null;
    note('b', 20);
    await uses.flush();
    expect(written()).toEqual([['b', 20]]);
    expect(logged.join('')).toContain('refused by the store');
  });

  test.each([NaN, Infinity, -Infinity, -1, 8.64e15, 2.6e14])(
    'at %d, which is no time, spoil no others, and not the record of their own secret',
    async (at) => {
      note('a', at);
      note('b', 20);
      note('b', at);
      await uses.flush();
      expect(written()).toEqual([['b', 20]]);
      expect(logged.join('')).toContain('"uses":2');
    },
  );

  test('are written when the app closes, and the timer ends', async () => {
    note('a', 10);
    await uses.beforeApplicationShutdown();
    expect(written()).toEqual([['a', 10]]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('are held for so many secrets and no more, whatever is verified meanwhile', async () => {
    for (let index = 0; index < MAX_HELD_USES / 2 + 5; index++) note(`s${index}`, 10);
    note('s0', 20);
    await uses.flush();
    expect(secrets.uses).toHaveLength(MAX_HELD_USES / 2);
    expect(written()[0]).toEqual(['s0', 20]);
    expect(logged.join('')).toContain('"uses":5');
  });

  test('of one account leave room for those of any other', async () => {
    for (let index = 0; index < MAX_HELD_USES; index++) note(`s${index}`, 10);
    for (let index = 0; index < 1_000; index++) note(`other${index}`, 10, 'acc_2');
    await uses.flush();
    expect(written().filter(([secretId]) => String(secretId).startsWith('other'))).toHaveLength(1_000);
  });
});
