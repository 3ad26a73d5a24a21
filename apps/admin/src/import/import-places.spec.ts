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

  test('of all accounts are bounded', () => {
    const places = new ImportPlaces();
    for (let account = 0; account < MOST_IMPORTS.ofAll / MOST_IMPORTS.ofAccount; account += 1) takeAll(places, `acc_${account}`);
    expect(() => places.take('acc_x')).toThrow(RateLimitedError);
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
