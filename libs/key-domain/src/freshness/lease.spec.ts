import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { momentOf } from './clock.js';
import { Lease } from './lease.js';
import { VirtualClock } from './virtual-clock.fixture.js';

function start() {
  const clock = new VirtualClock();
  return { clock, lease: new Lease(clock) };
}

describe('a lease', () => {
  test('is none before it was granted, and none after it has ended', () => {
    const { clock, lease } = start();
    expect([lease.isValid(), lease.remaining()]).toEqual([false, 0]);
    lease.extend(momentOf(clock), 100);
    expect([lease.isValid(), lease.remaining()]).toEqual([true, 100]);
    lease.end();
    expect([lease.isValid(), lease.remaining()]).toEqual([false, 0]);
  });

  test('counts from the moment it was asked for, and is over at its very end', () => {
    const { clock, lease } = start();
    const asked = momentOf(clock);
    clock.pass(60);
    lease.extend(asked, 100);
    expect(lease.remaining()).toBe(40);
    clock.pass(39);
    expect(lease.isValid()).toBe(true);
    clock.pass(1);
    expect([lease.isValid(), lease.remaining()]).toEqual([false, 0]);
  });

  test.each([
    ['the machine slept', (clock: VirtualClock) => clock.pass(100, true)],
    ['the wall clock was set forward', (clock: VirtualClock) => clock.stepWall(100)],
    [
      'the wall clock was set back',
      (clock: VirtualClock) => {
        clock.stepWall(-5_000);
        clock.pass(100);
      },
    ],
  ])('is over after its time where %s', (_, happen) => {
    const { clock, lease } = start();
    lease.extend(momentOf(clock), 100);
    happen(clock);
    expect(lease.isValid()).toBe(false);
  });

  test('begins anew with the next grant after the wall clock was set, whichever way', () => {
    for (const step of [5_000, -5_000]) {
      const { clock, lease } = start();
      lease.extend(momentOf(clock), 100);
      clock.stepWall(step);
      clock.pass(10);
      lease.extend(momentOf(clock), 100);
      expect(lease.remaining()).toBe(100);
    }
  });

  test('outlasts no grant by true time, whatever becomes of the clocks, and holds while nothing becomes of them', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(60) }),
      fc.record({ kind: fc.constant('sleep' as const), ms: fc.nat(200) }),
      fc.record({ kind: fc.constant('step' as const), ms: fc.integer({ min: -300, max: 300 }) }),
      fc.record({ kind: fc.constant('ask' as const), ms: fc.nat(80) }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.boolean(), (events, steady) => {
        const { clock, lease } = start();
        let [trueTime, ends] = [0, -Infinity];
        const awake = steady && events.every(({ kind }) => kind !== 'sleep');
        for (const { kind, ms } of events) {
          const asked = momentOf(clock);
          // A machine that sleeps while its wall clock is set back has no clock that knows: not both in one history.
          if (kind === 'step') clock.stepWall(steady ? 0 : ms);
          else {
            clock.pass(ms, kind === 'sleep' && steady);
            trueTime += ms;
          }
          if (kind === 'ask') {
            lease.extend(asked, 100);
            ends = Math.max(ends, trueTime - ms + 100);
          }
          if (lease.isValid()) expect(trueTime).toBeLessThan(ends);
          expect(lease.isValid()).toBe(lease.remaining() > 0);
          if (awake) expect(lease.isValid()).toBe(trueTime < ends);
        }
      }),
    );
  });
});
