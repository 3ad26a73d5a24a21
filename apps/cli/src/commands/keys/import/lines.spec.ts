import { expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { linesOf } from './lines.js';

test('no line is lost, however long nobody asks for it', async () => {
  const input = Readable.from(['one\ntwo\r\n', 'three']);
  const lines = linesOf(() => input);
  await sleep(50);
  const read: string[] = [];
  for await (const line of lines) read.push(line);
  expect(read).toEqual(['one', 'two', 'three']);
});
