import { beforeEach, expect, test } from '@jest/globals';
import { allInTurn, inTurn } from './pairs.js';

let order: string[] = [];
const run = (name: string) => async () => {
  order.push(`${name}(`);
  await new Promise(setImmediate);
  order.push(')');
  return order.length;
};

beforeEach(() => {
  order = [];
});

test('pairs run in turn, the order turned each time, never two at once', async () => {
  const found = await inTurn(run('A'), run('B'), 3);
  expect(order.join('')).toBe('A()B()B()A()A()B()');
  expect(found).toEqual({ left: [2, 8, 10], right: [4, 6, 12] });
});

test('so do more than two', async () => {
  const found = await allInTurn({ first: run('A'), second: run('B'), third: run('C') }, 2);
  expect(order.join('')).toBe('A()B()C()C()B()A()');
  expect(found).toEqual({ first: [2, 12], second: [4, 10], third: [6, 8] });
});
