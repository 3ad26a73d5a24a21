import { describe, expect, test } from '@jest/globals';
import { RateLimitedError } from '#libs/key-domain';
import { Places } from './places.js';

const fourOfSixteen = () => new Places('imports', { ofAccount: 4, ofAll: 16 });

function takeAll(places: Places, accountId: string): readonly (() => void)[] {
  const taken: (() => void)[] = [];
  for (;;) {
    try {
      taken.push(places.take(accountId));
    } catch (error) {
      expect(error).toBeInstanceOf(RateLimitedError);
      return taken;
    }
  }
}

describe('long work at once', () => {
  test('of one account is bounded, and leaves room to the others', () => {
    const places = fourOfSixteen();
    expect(takeAll(places, 'acc_1')).toHaveLength(4);
    expect(() => places.take('acc_1')).toThrow('4 imports of the account go on already.');
    expect(() => places.take('acc_2')).not.toThrow();
  });

  test('of all accounts is bounded, and none is given its nth place unless n are free: a few leave room to others', () => {
    const places = fourOfSixteen();
    const accounts = ['acc_1', 'acc_2', 'acc_3', 'acc_4', 'acc_5', 'acc_6', 'acc_7'];
    expect(accounts.map((account) => takeAll(places, account).length)).toEqual([4, 4, 4, 2, 1, 1, 0]);
    expect(() => places.take('acc_7')).toThrow('Too many imports go on already.');
  });

  test('a place that is given back twice is free once', () => {
    const places = fourOfSixteen();
    const [leave] = takeAll(places, 'acc_1');
    leave?.();
    leave?.();
    expect(takeAll(places, 'acc_1')).toHaveLength(1);
  });

  test('a place is free once the work has ended, or has failed', async () => {
    const places = new Places('imports', { ofAccount: 1, ofAll: 1 });
    let end: (() => void) | undefined;
    const work = places.during('acc_1', () => new Promise<void>((resolve) => (end = resolve)));
    await expect(places.during('acc_1', () => Promise.resolve())).rejects.toThrow(RateLimitedError);
    end?.();
    await work;
    await expect(places.during('acc_1', () => Promise.reject(new Error('an outage')))).rejects.toThrow('an outage');
    await expect(places.during('acc_1', () => Promise.resolve('done'))).resolves.toBe('done');
  });
});
