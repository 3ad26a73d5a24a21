import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BATCH_LINES, lineBatches, MAX_LINE_BYTES, type NumberedLine } from './line-batches.js';

async function linesOf(chunks: readonly Uint8Array[]): Promise<NumberedLine[][]> {
  const batches: NumberedLine[][] = [];
  for await (const batch of lineBatches(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))) batches.push([...batch]);
  return batches;
}

describe('lines', () => {
  test('are the same however the bytes are cut, numbered as they stand, without the empty ones', async () => {
    const line = fc.stringMatching(/^[a-z \r]{0,8}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), fc.array(fc.nat(40), { maxLength: 10 }), async (lines, cuts) => {
        const bytes = Buffer.from(lines.join('\n'));
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((one, other) => one - other), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const read = (await linesOf(chunks)).flat().map(({ number, bytes: text }) => [number, text?.toString()]);
        expect(read).toEqual(lines.flatMap((text, index) => (text.trim() === '' ? [] : [[index + 1, text] as [number, string]])));
      }),
    );
  });

  test('come in batches of a bounded size, and no further than they are asked for', async () => {
    let sent = 0;
    const source = Readable.from(
      (function* () {
        for (; sent < 500; sent += 1) yield Buffer.from('x\n'.repeat(100));
      })(),
    );
    const batches = lineBatches(source);
    expect((await batches.next()).value).toHaveLength(BATCH_LINES);
    expect(sent).toBeLessThan(100);
    await batches.return(undefined);
  });

  test('that are too long are told as such, and take no room', async () => {
    const long = Buffer.from('x'.repeat(MAX_LINE_BYTES));
    const batches = await linesOf([Buffer.from('a\n'), long, long, long, Buffer.from('\nb\n'), long, Buffer.from('\n')]);
    expect(batches.flat().map(({ number, bytes }) => [number, bytes?.length])).toEqual([
      [1, 1],
      [2, undefined],
      [3, 1],
      [4, MAX_LINE_BYTES],
    ]);
  });

  test('that were sent are handed on when nothing follows for a while', async () => {
    const source = new Readable({ read: () => undefined });
    source.push('a\nb');
    const batches = lineBatches(source);
    expect((await batches.next()).value).toMatchObject([{ number: 1 }]);
    source.push('\n');
    expect((await batches.next()).value).toMatchObject([{ number: 2 }]);
    source.push(null);
    expect((await batches.next()).done).toBe(true);
  });
});
