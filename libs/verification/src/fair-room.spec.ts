import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FairRoom } from './fair-room.js';

function takeAll(room: FairRoom, accountId: string): number {
  let taken = 0;
  while (room.take(accountId)) taken += 1;
  return taken;
}

test('an account gets half of the room where it is alone, and a newcomer still finds some', () => {
  const room = new FairRoom(100);
  expect(takeAll(room, 'a')).toBe(50);
  expect(takeAll(room, 'b')).toBe(25);
  expect(takeAll(room, 'c')).toBeGreaterThan(10);
  room.release('a', 50);
  expect(takeAll(room, 'd')).toBeGreaterThan(20);
});

test('never more is held than there is room for, and all of it is found again when it is given back', () => {
  const accounts = fc.array(fc.integer({ min: 0, max: 5 }).map(String), { maxLength: 300 });
  fc.assert(
    fc.property(accounts, fc.integer({ min: 1, max: 40 }), (asking, places) => {
      const room = new FairRoom(places);
      const taken = asking.filter((accountId) => room.take(accountId));
      expect(taken.length).toBeLessThanOrEqual(places);
      for (const accountId of taken) room.release(accountId, 1);
      expect(takeAll(room, 'alone')).toBe(Math.ceil(places / 2));
    }),
  );
});
