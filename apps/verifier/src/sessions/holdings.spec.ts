import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Holdings } from './holdings.js';

test('who holds most is known, whatever was added and removed', () => {
  const holders = ['a', 'b', 'c', 'd'];
  const step = fc.record({ holder: fc.constantFrom(...holders), places: fc.integer({ min: -5, max: 1 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const holdings = new Holdings();
      const counts = new Map(holders.map((holder) => [holder, 0]));
      for (const { holder, places } of steps) {
        const held = counts.get(holder) ?? 0;
        const removed = Math.min(held, -places);
        if (places > 0) holdings.add(holder);
        else if (removed > 0) holdings.remove(holder, removed);
        counts.set(holder, places > 0 ? held + 1 : held - Math.max(0, removed));
        const most = Math.max(...counts.values());
        const largest = holdings.largest();
        expect(largest === undefined ? 0 : counts.get(largest)).toBe(most);
        expect(holders.map((one) => holdings.of(one))).toEqual(holders.map((one) => counts.get(one)));
        expect(holdings.total).toBe([...counts.values()].reduce((sum, one) => sum + one, 0));
      }
    }),
  );
});
