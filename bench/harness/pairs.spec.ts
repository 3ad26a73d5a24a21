import { expect, test } from '@jest/globals';
import { inTurn } from './pairs.js';

test('pairs run in turn, the order turned each time, never two at once', async () => {
  const order: string[] = [];
  const run = (name: string) => async () => {
    order.push(`${name}(`);
    await new Promise(setImmediate);
    order.push(')');
    return order.length;
  };
  const found = await inTurn(run('A'), run('B'), 3);
  expect(order.join('')).toBe('A()B()B()A()A()B()');
  expect(found).toEqual({ left: [2, 8, 10], right: [4, 6, 12] });
});
