import { describe, expect, test } from '@jest/globals';
import { RateLimitedError } from '#libs/key-domain';
import { ImportPlaces, MOST_IMPORTS } from './import-places.js';

const takeAll = (places: ImportPlaces, accountId: string) =>
  Array.from({ length: MOST_IMPORTS.ofAccount }, () => places.take(accountId));

describe('imports at once', () => {
  test('of one account are bounded, and leave room to the others', () => {
    const places = new ImportPlaces();
    takeAll(places, 'acc_1');
    expect(() => places.take('acc_1')).toThrow(RateLimitedError);
    expect(() => places.take('acc_2')).not.toThrow();
  });

  test('of all accounts are bounded, and none is given its nth place unless n are free: a few leave room to others', () => {
    const places = new ImportPlaces();
    const takes = (accountId: string) => {
      let taken = 0;
      try {
        for (;;) {
          places.take(accountId);
          taken += 1;
        }
      } catch (error) {
        expect(error).toBeInstanceOf(RateLimitedError);
        return taken;
      }
    };
    expect(['acc_1', 'acc_2', 'acc_3', 'acc_4', 'acc_5', 'acc_6', 'acc_7'].map(takes)).toEqual([4, 4, 4, 2, 1, 1, 0]);
  });

  test('a place that is given back twice is free once', () => {
    const places = new ImportPlaces();
    const [leave] = takeAll(places, 'acc_1');
    leave?.();
    leave?.();
    places.take('acc_1');
    expect(() => places.take('acc_1')).toThrow(RateLimitedError);
  });
});
