import { describe, expect, test } from '@jest/globals';
import { median, percentile, range, ratios } from './statistics.js';

describe('statistics', () => {
  test('the median is the middle value, by size and not by text or order', () => {
    expect(median([100, 9, 20])).toBe(20);
    expect(median([4])).toBe(4);
  });

  test('the median of an even number is the mean of the middle two', () => {
    expect(median([40, 10, 30, 20])).toBe(25);
  });

  test('a percentile is the nearest rank, never a value that was not measured', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([1, 2, 3], 0.99)).toBe(3);
  });

  test('ratios are of neighbours', () => {
    expect(ratios([10, 30], [20, 10])).toEqual([0.5, 3]);
    expect(range([3, 1, 2])).toEqual({ least: 1, greatest: 3 });
  });

  test('nothing measured is a fault, not a NaN in a table', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
    expect(() => range([])).toThrow(RangeError);
    expect(() => ratios([1], [])).toThrow(RangeError);
  });
});
