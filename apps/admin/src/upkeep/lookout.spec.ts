import { describe, expect, test } from '@jest/globals';
import { Lookout } from './lookout.js';

const NO_PAUSE = { pauseMs: 0, afterFaultMs: 0 };
const LONG = { pauseMs: 3_600_000, afterFaultMs: 3_600_000 };
const nobody = (error: unknown) => {
  throw error;
};

/** Something that happens once, for others to wait for. */
function once(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe('Lookout', () => {
  test('looks again and again, also after looks that failed, of which it tells', async () => {
    const [faults, enough] = [[] as unknown[], once()];
    let looks = 0;
    const look = () => {
      if ((looks += 1) === 5) enough.resolve();
      return looks % 2 === 0 ? Promise.reject(new Error(`look ${looks}`)) : Promise.resolve();
    };
    const lookout = new Lookout(look, NO_PAUSE, (error) => faults.push(error));
    lookout.start();
    await enough.promise;
    await lookout.stop();
    expect(faults.slice(0, 2)).toEqual([new Error('look 2'), new Error('look 4')]);
  });

  test('looks before its pause is over when it is woken, and never after it was stopped', async () => {
    const [first, second] = [once(), once()];
    let looks = 0;
    const look = () => {
      looks += 1;
      (looks === 1 ? first : second).resolve();
      return Promise.resolve();
    };
    const lookout = new Lookout(look, LONG, nobody);
    lookout.start();
    await first.promise;
    await new Promise(setImmediate);
    lookout.wake();
    await second.promise;
    await lookout.stop();
    lookout.wake();
    await new Promise(setImmediate);
    expect([looks, lookout.isStopped]).toEqual([2, true]);
  });

  test('stops once the look that is under way is over, and not before', async () => {
    const [begun, end] = [once(), once()];
    let isOver = false;
    const look = async () => {
      begun.resolve();
      await end.promise;
      isOver = true;
    };
    const lookout = new Lookout(look, LONG, nobody);
    lookout.start();
    await begun.promise;
    const stopped = lookout.stop().then(() => isOver);
    end.resolve();
    expect(await stopped).toBe(true);
  });
});
