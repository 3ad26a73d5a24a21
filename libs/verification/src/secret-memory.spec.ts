import { describe, expect, test } from '@jest/globals';
import { approximateBytes, type KeyRecord } from '#libs/key-domain';
import { aRecord } from './key-record.fixture.js';
import { FOOTPRINT, SecretMemory } from './secret-memory.js';

const LOTS = { found: 100, foundBytes: 1_000_000, missing: 100 };

function recordOf(keyId: string, fields: Partial<KeyRecord> = {}): KeyRecord {
  return aRecord({ keyId, secretId: `sec_${keyId}`, accountId: 'acc', environment: 'live', ...fields });
}

describe('the memory of secrets', () => {
  test('tells a token that nothing is stored for from one that it knows nothing of', () => {
    const memory = new SecretMemory(LOTS);
    memory.setMissing('unknown', ['h']);
    expect([memory.get('unknown'), memory.get('never asked')]).toEqual([null, undefined]);
  });

  test('holds a token as found or as unknown, as it was read last, and never as both', () => {
    const memory = new SecretMemory(LOTS);
    memory.setMissing('t', ['h']);
    memory.setFound('t', recordOf('k'));
    expect([memory.get('t')?.keyId, memory.size]).toEqual(['k', 1]);
    memory.setMissing('t', ['h']);
    expect([memory.get('t'), memory.size]).toEqual([null, 1]);
  });

  test('unknown tokens, however many, drive out no good one', () => {
    const memory = new SecretMemory({ ...LOTS, missing: 10 });
    for (let key = 0; key < 100; key += 1) memory.setFound(`good ${key}`, recordOf(`k${key}`));
    for (let guess = 0; guess < 5_000; guess += 1) memory.setMissing(`guess ${guess}`, [`h${guess}`]);
    for (let key = 0; key < 100; key += 1) expect(memory.get(`good ${key}`)?.keyId).toBe(`k${key}`);
    expect(memory.size).toBe(110);
  });

  test('keeps within its number of entries, and lets the longest unused go first', () => {
    const memory = new SecretMemory({ ...LOTS, found: 3 });
    for (const name of ['a', 'b', 'c']) memory.setFound(name, recordOf(name));
    memory.get('a');
    memory.setFound('d', recordOf('d'));
    expect(['a', 'b', 'c', 'd'].map((name) => memory.get(name) !== undefined)).toEqual([true, false, true, true]);
  });

  test('keeps within its bytes, whatever the records hold', () => {
    const large = recordOf('large', { metadata: { note: 'x'.repeat(1_000) } });
    const memory = new SecretMemory({ ...LOTS, foundBytes: 2 * approximateBytes(large, FOOTPRINT) + 10 });
    for (const name of ['a', 'b', 'c']) memory.setFound(name, { ...large, keyId: name });
    expect([memory.size, memory.get('a')]).toEqual([2, undefined]);
    memory.setFound('far too large', recordOf('far', { metadata: { note: 'x'.repeat(100_000) } }));
    expect(memory.get('far too large')).toBeUndefined();
  });

  test('what was let go and is read again is forgotten with its key, its account and its handle like the rest', () => {
    const memory = new SecretMemory({ ...LOTS, found: 2, missing: 1 });
    for (let round = 0; round < 3; round += 1) {
      for (const name of ['a', 'b', 'c']) memory.setFound(name, recordOf(name));
      for (const name of ['x', 'y']) memory.setMissing(name, [`handle of ${name}`]);
    }
    memory.forget({ number: 1, scope: { kind: 'key', accountId: 'acc', keyId: 'c' }, handles: ['handle of y'] });
    expect([memory.get('c'), memory.get('y'), memory.get('b')?.keyId]).toEqual([undefined, undefined, 'b']);
    memory.forget({ number: 2, scope: { kind: 'account', accountId: 'acc' }, handles: [] });
    expect([memory.get('b'), memory.size]).toEqual([undefined, 0]);
  });

  test('an account as a whole ends what is known of its keys, and no unknown token', () => {
    const memory = new SecretMemory(LOTS);
    memory.setFound('ours', recordOf('k1'));
    memory.setFound('theirs', recordOf('k2', { accountId: 'other' }));
    memory.setMissing('unknown', ['h']);
    memory.forget({ number: 1, scope: { kind: 'account', accountId: 'acc' }, handles: [] });
    expect([memory.get('ours'), memory.get('theirs')?.keyId, memory.get('unknown')]).toEqual([undefined, 'k2', null]);
  });

  test('forgets everything', () => {
    const memory = new SecretMemory(LOTS);
    memory.setFound('found', recordOf('k'));
    memory.setMissing('unknown', ['h']);
    memory.forgetEverything();
    expect([memory.get('found'), memory.get('unknown'), memory.size]).toEqual([undefined, undefined, 0]);
  });
});
