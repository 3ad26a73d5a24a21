import { expect, test } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { VerifyTokenResponse } from '#libs/contract';
import type { KeyRecord } from '#libs/key-domain';
import { aRecord } from '../key-record.fixture.js';
import { READY_BOUNDS } from './ready-answers.js';
import { AnswerWriter } from './write-answer.js';

function recordOf(number: number, nameLength: number): KeyRecord {
  return aRecord({ keyId: `key_${number}`, secretId: `sec_${number}`, accountId: 'acc', name: 'x'.repeat(nameLength) });
}

function write(writer: AnswerWriter, record: KeyRecord): Buffer {
  return writer.write({ code: 'VALID', record });
}

test('the answer about a record is made once and held ready', () => {
  const writer = new AnswerWriter();
  const [one, other] = [recordOf(1, 10), recordOf(2, 10)];
  const [first] = [write(writer, one), write(writer, other)];
  expect(write(writer, one)).toEqual(first);
  expect(write(writer, one)).toBe(write(writer, one));
  expect(VerifyTokenResponse.decode(write(writer, one)).grant).toMatchObject({ keyId: 'key_1' });
  expect(VerifyTokenResponse.decode(write(writer, other)).grant).toMatchObject({ keyId: 'key_2' });
});

test('a long answer is made whenever it is asked for', () => {
  const writer = new AnswerWriter();
  const record = recordOf(1, READY_BOUNDS.answer);
  write(writer, record);
  expect(write(writer, record)).not.toBe(write(writer, record));
  expect(write(writer, record)).toEqual(write(writer, record));
});

test('answers are held within sixteen megabytes, whatever the records hold', () => {
  const writer = new AnswerWriter();
  const records = Array.from({ length: 8_000 }, (_, number) => recordOf(number, 3_900));
  const bytes = bytesHeldAfter(() => {
    for (const record of records) write(writer, record);
  });
  expect(bytes).toBeLessThan(1.2 * READY_BOUNDS.bytes);
  expect(bytes).toBeGreaterThan(records.length * 1_000);
});

test('a record that memory has let go of is held by no answer', async () => {
  const writer = new AnswerWriter();
  const gone: WeakRef<KeyRecord>[] = [];
  for (let number = 0; number < 100; number += 1) {
    const record = recordOf(number, 10);
    write(writer, record);
    gone.push(new WeakRef(record));
  }
  // A reference that was made in this turn of the loop lasts until it ends.
  await new Promise((resolve) => setTimeout(resolve, 10));
  collectGarbage();
  expect(gone.filter((reference) => reference.deref() !== undefined).length).toBeLessThan(10);
});

function bytesHeldAfter(act: () => void): number {
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  act();
  collectGarbage();
  return process.memoryUsage().arrayBuffers - before;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
}
