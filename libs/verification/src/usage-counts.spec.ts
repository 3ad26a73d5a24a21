import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { UnavailableError, USAGE_OUTCOMES, type UsageOutcome, type Verdict } from '#libs/key-domain';
import { createLog } from '#libs/observability';
import { InMemoryUsage } from './in-memory-usage.fixture.js';
import { aRecord } from './key-record.fixture.js';
import { COUNTS_AT_ONCE, COUNTS_FLUSH_MS, MAX_HELD_COUNTS, UsageCounts } from './usage-counts.js';

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 0, 1, 12);
const AWAY = new UnavailableError('away');

let store: InMemoryUsage;
let logged: string[];
let usage: UsageCounts;

beforeEach(() => {
  jest.useFakeTimers();
  begin();
});
afterEach(() => {
  jest.useRealTimers();
});

function begin(): void {
  store = new InMemoryUsage();
  logged = [];
  usage = new UsageCounts(store, createLog('test', { write: (line: string) => void logged.push(line) }));
  usage.onModuleInit();
}

function verdict(code: 'VALID' | 'REVOKED' = 'VALID', keyId = 'key_1', accountId = 'acc_1'): Verdict {
  return { code, record: aRecord({ keyId, accountId }) };
}

describe('verifications', () => {
  test('are counted by key, hour and outcome, and added every few seconds', async () => {
    usage.count(verdict(), NOON);
    usage.count(verdict(), NOON + HOUR_MS - 1);
    usage.count(verdict('REVOKED'), NOON + 5);
    usage.count(verdict('VALID', 'key_2'), NOON);
    usage.count(verdict(), NOON + HOUR_MS);
    expect(store.batches).toEqual([]);
    await jest.advanceTimersByTimeAsync(COUNTS_FLUSH_MS);
    expect(store.added).toEqual({
      'key_1 2026-01-01T12 VALID': 2,
      'key_1 2026-01-01T12 REVOKED': 1,
      'key_1 2026-01-01T13 VALID': 1,
      'key_2 2026-01-01T12 VALID': 1,
    });
    await jest.advanceTimersByTimeAsync(COUNTS_FLUSH_MS);
    expect(store.batches).toHaveLength(1);
  });

  test('of what names no key are not counted', async () => {
    usage.count({ code: 'MALFORMED', record: null }, NOON);
    usage.count({ code: 'NOT_FOUND', record: null }, NOON);
    await usage.flush();
    expect(store.batches).toEqual([]);
    expect(logged).toEqual([]);
  });

  test.each([NaN, Infinity, -Infinity, -1, 8.64e15, 2.6e14])('at %d, which is no time, spoil no others', async (at) => {
    usage.count(verdict(), at);
    usage.count(verdict(), NOON);
    usage.count(verdict(), at);
    await usage.flush();
    expect(store.added).toEqual({ 'key_1 2026-01-01T12 VALID': 1 });
    expect(logged.join('')).toContain('"verifications":2');
  });

  test('are added when the app closes, and the timer ends', async () => {
    usage.count(verdict(), NOON);
    await usage.beforeApplicationShutdown();
    usage.count(verdict(), NOON);
    await usage.onApplicationShutdown();
    expect(store.added).toEqual({ 'key_1 2026-01-01T12 VALID': 2 });
    expect(jest.getTimerCount()).toBe(0);
  });

  test('that can not be added when the app closes are told as a number', async () => {
    store.failure = AWAY;
    usage.count(verdict(), NOON);
    await usage.flush();
    usage.countMany({ keyId: 'key_2', accountId: 'acc_1' }, 'VALID', 41, NOON);
    await usage.beforeApplicationShutdown();
    await usage.onApplicationShutdown();
    expect(logged.at(-1)).toContain('"verifications":42');
  });

  test('that the store refuses are dropped, so that those after them are added', async () => {
    usage.count(verdict('VALID', 'key_refused'), NOON);
    store.failure = new Error('no such table');
    await usage.flush();
    store.failure = null;
    usage.count(verdict(), NOON);
    await usage.flush();
    expect(store.added).toEqual({ 'key_1 2026-01-01T12 VALID': 1 });
    expect(logged.join('')).toContain('refused by the store');
  });

  test('are held for so many keys and no more, and those that are held go on being counted', async () => {
    const most = MAX_HELD_COUNTS / 2;
    for (let index = 0; index < most + 5; index += 1) usage.count(verdict('VALID', `key_${index}`), NOON);
    usage.count(verdict('VALID', 'key_0'), NOON);
    await usage.flush();
    expect(Object.keys(store.added)).toHaveLength(most);
    expect(store.added['key_0 2026-01-01T12 VALID']).toBe(2);
    expect(logged.join('')).toContain('"verifications":5');
    expect(Math.max(...store.batches.map(({ counts }) => counts.length))).toBe(COUNTS_AT_ONCE);
  });

  test('of one account leave room for those of any other', async () => {
    for (let index = 0; index < MAX_HELD_COUNTS; index += 1) usage.count(verdict('VALID', `key_${index}`), NOON);
    for (let index = 0; index < 1_000; index += 1) usage.count(verdict('VALID', `other_${index}`, 'acc_2'), NOON);
    await usage.flush();
    expect(Object.keys(store.added).filter((name) => name.startsWith('other'))).toHaveLength(1_000);
  });

  test('find as much room as ever once what filled it is added', async () => {
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < MAX_HELD_COUNTS / 2; index += 1) usage.count(verdict('VALID', `key_${index}`), NOON);
      await usage.flush();
    }
    expect(Object.values(store.added)).toEqual(Array.from({ length: MAX_HELD_COUNTS / 2 }, () => 3));
    expect(logged).toEqual([]);
  });
});

type Step =
  | {
      readonly kind: 'count';
      readonly key: number;
      readonly hour: number;
      readonly outcome: UsageOutcome;
      readonly count: number;
    }
  | { readonly kind: 'flush'; readonly store: 'there' | 'away' | 'answer lost' };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('count' as const),
        key: fc.nat(3),
        hour: fc.nat(2),
        outcome: fc.constantFrom(...USAGE_OUTCOMES),
        count: fc.integer({ min: 1, max: 1_000 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('flush' as const), store: fc.constantFrom('there', 'away', 'answer lost') }),
    },
  ),
  { maxLength: 60 },
);

test('what is added in the end is what was counted, whenever the store was away and whatever answers were lost', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      begin();
      const counted: Record<string, number> = {};
      const flushes: Promise<void>[] = [];
      for (const step of taken) {
        if (step.kind === 'count') {
          const at = NOON + step.hour * HOUR_MS;
          const name = `key_${step.key} ${new Date(at).toISOString().slice(0, 13)} ${step.outcome}`;
          counted[name] = (counted[name] ?? 0) + step.count;
          usage.countMany({ keyId: `key_${step.key}`, accountId: 'acc_1' }, step.outcome, step.count, at);
        } else {
          store.failure = step.store === 'away' ? AWAY : null;
          store.lostAnswer = step.store === 'answer lost' ? AWAY : null;
          flushes.push(usage.flush());
          if (step.store !== 'there') await flushes.at(-1); // counting goes on during the others
        }
      }
      [store.failure, store.lostAnswer] = [null, null];
      await usage.onApplicationShutdown();
      expect(store.added).toEqual(counted);
    }),
  );
});
