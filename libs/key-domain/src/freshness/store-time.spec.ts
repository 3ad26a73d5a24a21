import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { momentOf } from './clock.js';
import { CLOCK_RATE_MARGIN, StoreTime } from './store-time.js';
import { VirtualClock } from './virtual-clock.fixture.js';

const STORE_AHEAD = 42_000;

describe("Postgres' clock", () => {
  test('is unknown until it was asked', () => {
    const time = new StoreTime(new VirtualClock());
    expect(time.isKnown).toBe(false);
    expect(() => time.latest()).toThrow();
    time.learn(1, { monotonic: 0, wall: 0 });
    expect(time.isKnown).toBe(true);
  });

  test('is never taken to be earlier than it is, whatever becomes of the clocks here', () => {
    const event = fc.record({
      kind: fc.constantFrom('pass', 'sleep', 'step', 'ask'),
      ms: fc.nat(2_000),
      way: fc.nat(500),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.boolean(), (events, sleeps) => {
        const clock = new VirtualClock();
        const time = new StoreTime(clock);
        let trueTime = 0;
        const pass = (ms: number, asleep = false) => {
          clock.pass(ms, asleep);
          trueTime += ms;
        };
        for (const { kind, ms, way } of events) {
          // One of the two clocks knows the truth: they do not both fail in one history.
          if (kind === 'step' && !sleeps) clock.stepWall(ms - 1_000);
          if (kind === 'pass') pass(ms);
          if (kind === 'sleep') pass(ms, sleeps);
          if (kind === 'ask') {
            const asked = momentOf(clock);
            pass(ms % 100);
            const storeMs = STORE_AHEAD + trueTime;
            pass(way);
            time.learn(storeMs, asked);
          }
          if (time.isKnown) expect(time.latest()).toBeGreaterThanOrEqual(STORE_AHEAD + trueTime);
        }
      }),
    );
  });

  test('is taken to be later than it is by no more than the way there and back and the drift', () => {
    const clock = new VirtualClock();
    const time = new StoreTime(clock);
    const asked = momentOf(clock);
    clock.pass(30);
    time.learn(STORE_AHEAD, asked);
    clock.pass(1_000);
    expect(time.latest()).toBeCloseTo(STORE_AHEAD + 1_030 * (1 + CLOCK_RATE_MARGIN));
  });
});
