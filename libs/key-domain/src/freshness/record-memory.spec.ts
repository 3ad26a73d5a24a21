import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aRecord } from '../key/key-record.fixture.js';
import type { KeyRecord } from '../key/key-record.js';
import type { ChangeScope } from '../ports/enforcement.js';
import { type BoundedMap, RecordMemory, type Remembered } from './record-memory.js';

/** Holds the last few that were set, none that is too large, and calls back for each that leaves. */
class LastFew<Value> implements BoundedMap<Value> {
  readonly #values = new Map<string, Value>();

  constructor(
    private readonly most: number,
    private readonly onLeave: (value: Value, name: string) => void,
    private readonly isTooLarge: (value: Value) => boolean,
  ) {}

  get size(): number {
    return this.#values.size;
  }

  get(name: string): Value | undefined {
    return this.#values.get(name);
  }

  set(name: string, value: Value): void {
    this.delete(name);
    if (this.isTooLarge(value)) return;
    for (const oldest of [...this.#values.keys()].slice(0, Math.max(0, this.#values.size - this.most + 1))) this.delete(oldest);
    this.#values.set(name, value);
  }

  delete(name: string): boolean {
    const value = this.#values.get(name);
    if (value === undefined) return false;
    this.#values.delete(name);
    this.onLeave(value, name);
    return true;
  }

  clear(): void {
    for (const name of [...this.#values.keys()]) this.delete(name);
  }
}

const TOO_LARGE = 'too large';

function memoryOf(most: number): RecordMemory<number> {
  return new RecordMemory((onLeave) => new LastFew(most, onLeave, ({ record }) => record?.name === TOO_LARGE));
}

function recordOf(accountId: string, keyId: string, name = 'a key'): KeyRecord {
  return aRecord({ keyId, accountId, name });
}

function found(accountId: string, keyId: string, name?: string): Remembered<number> {
  return { record: recordOf(accountId, keyId, name), handles: [], source: 1 };
}

function missing(...handles: readonly string[]): Remembered<number> {
  return { record: null, handles, source: 1 };
}

const token = fc.constantFrom('t1', 't2', 't3', 't4', 't5', 't6');
const account = fc.constantFrom('a1', 'a2');
/** A key belongs to one account. */
const key = fc.constantFrom(['a1', 'k1'], ['a1', 'k2'], ['a2', 'k3']) as fc.Arbitrary<[string, string]>;
const handles = fc.uniqueArray(fc.constantFrom('h1', 'h2', 'h3'), { maxLength: 2 });
const scope: fc.Arbitrary<ChangeScope> = fc.oneof(
  { weight: 5, arbitrary: key.map(([accountId, keyId]) => ({ kind: 'key' as const, accountId, keyId })) },
  { weight: 2, arbitrary: account.map((accountId) => ({ kind: 'account' as const, accountId })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'all' as const }) },
);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('found' as const),
      token,
      key,
      name: fc.option(fc.constant(TOO_LARGE), { nil: 'a key', freq: 8 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('missing' as const), token, handles }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('forget' as const), scope, handles }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), token }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

function isTouched({ record, handles: under }: Remembered<number>, changed: ChangeScope, named: readonly string[]): boolean {
  if (changed.kind === 'all' || under.some((handle) => named.includes(handle))) return true;
  if (changed.kind === 'account') return record?.accountId === changed.accountId;
  return record?.keyId === changed.keyId;
}

describe('the memory of records', () => {
  test('holds what was set last unless a change has touched it since; without bounds all of that', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (steps, most) => {
        const memory = memoryOf(most);
        const model = new Map<string, Remembered<number>>();
        let source = 0;
        for (const one of steps) {
          source += 1;
          if (one.do === 'found' || one.do === 'missing') {
            const entry = one.do === 'found' ? found(...one.key, one.name) : missing(...one.handles);
            memory.set(one.token, { ...entry, source });
            // Of two entries under one handle, the older one makes way.
            for (const [name, { handles: under }] of model)
              if (under.some((handle) => entry.handles.includes(handle))) model.delete(name);
            if (one.do === 'found' && one.name === TOO_LARGE) model.delete(one.token);
            else model.set(one.token, { ...entry, source });
          }
          if (one.do === 'forget') {
            memory.forget(one);
            for (const [name, entry] of model) if (isTouched(entry, one.scope, one.handles)) model.delete(name);
          }
          if (one.do === 'delete') {
            memory.delete(one.token);
            model.delete(one.token);
          }
          if (one.do === 'clear') {
            memory.clear();
            model.clear();
          }
          expect(memory.size).toBeLessThanOrEqual(most);
          for (const name of ['t1', 't2', 't3', 't4', 't5', 't6']) {
            const { record, source: from } = memory.get(name) ?? { record: undefined, source: undefined };
            const expected = model.get(name);
            if (record !== undefined || most >= 6) expect([record, from]).toEqual([expected?.record, expected?.source]);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('forgets every token of a key', () => {
    const memory = memoryOf(9);
    for (const name of ['t1', 't2', 't3']) memory.set(name, found('a1', 'k1'));
    memory.set('t4', found('a1', 'k2'));
    memory.forget({ scope: { kind: 'key', accountId: 'a1', keyId: 'k1' }, handles: [] });
    expect(['t1', 't2', 't3', 't4'].map((name) => memory.get(name) !== undefined)).toEqual([false, false, false, true]);
  });

  test('forgets the keys of an account, and holds what is read of them afterwards', () => {
    const memory = memoryOf(9);
    memory.set('t1', found('a1', 'k1'));
    memory.set('t2', found('a2', 'k2'));
    memory.forget({ scope: { kind: 'account', accountId: 'a1' }, handles: [] });
    memory.set('t3', found('a1', 'k1'));
    expect(['t1', 't2', 't3'].map((name) => memory.get(name) !== undefined)).toEqual([false, true, true]);
  });

  test('forgets that a token is unknown when something is stored under any of its digests', () => {
    for (const handle of ['h1', 'h2']) {
      const memory = memoryOf(9);
      memory.set('t1', missing('h1', 'h2'));
      memory.forget({ scope: { kind: 'key', accountId: 'a1', keyId: 'k1' }, handles: ['h9', handle] });
      expect(memory.get('t1')).toBeUndefined();
    }
  });

  test('keeps nothing of what it was too large to take in', () => {
    const memory = memoryOf(9);
    memory.set('t1', found('a1', 'k1'));
    memory.set('t1', found('a1', 'k1', TOO_LARGE));
    expect([memory.get('t1'), memory.size]).toEqual([undefined, 0]);
    memory.set('t2', found('a1', 'k1'));
    memory.forget({ scope: { kind: 'account', accountId: 'a1' }, handles: [] });
    expect(memory.get('t2')).toBeUndefined();
  });
});
