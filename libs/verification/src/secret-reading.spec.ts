import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash, randomBytes } from 'node:crypto';
import {
  type ChangeScope,
  type KeyRecord,
  lookupHandle,
  PepperRing,
  type SecretLookup,
  type SecretLookupResult,
  UnavailableError,
} from '#libs/key-domain';
import { createLog } from '#libs/observability';
import { DigestMoves } from './digest-moves.js';
import { InMemorySecrets } from './in-memory-secrets.fixture.js';
import { presentedSecret, type PresentedSecret } from './presented-secret.js';
import { ScriptedChanges } from './scripted-changes.fixture.js';
import { SecretMemory } from './secret-memory.js';
import { type KnownSecret, SecretReading } from './secret-reading.js';

const peppers = new PepperRing([
  { id: 'current', key: randomBytes(32) },
  { id: 'retired', key: randomBytes(32) },
]);

/** Readings of a store, each of which sees the store as it is when the test lets it, and lands when the test lets it. */
class HeldLookup implements SecretLookup {
  readonly held: { readonly read: () => void; readonly land: (error?: Error) => void }[] = [];
  asked = 0;
  /** False: every reading is done at once. */
  holds = false;

  constructor(private readonly store: InMemorySecrets) {}

  find(digests: readonly Uint8Array[]): Promise<SecretLookupResult> {
    this.asked += 1;
    if (!this.holds) return this.store.find(digests);
    return new Promise((resolve, reject) => {
      let seen: Promise<SecretLookupResult> | null = null;
      const read = () => {
        seen ??= this.store.find(digests);
      };
      const land = (error?: Error) => {
        if (error !== undefined) reject(error);
        else {
          read();
          resolve(seen ?? this.store.find(digests));
        }
      };
      this.held.push({ read, land });
    });
  }

  landAll(): void {
    for (const { land } of this.held.splice(0)) land();
  }
}

let store: InMemorySecrets;
let lookup: HeldLookup;
let changes: ScriptedChanges;
let memory: SecretMemory;
let reading: SecretReading;

beforeEach(() => {
  store = new InMemorySecrets();
  lookup = new HeldLookup(store);
  changes = new ScriptedChanges();
  memory = new SecretMemory();
  reading = new SecretReading(lookup, changes, memory, peppers, new DigestMoves(store, peppers, createLog('test', quiet)));
});

const quiet = { write: () => undefined };

function presentedOf(token: string): PresentedSecret {
  return presentedSecret({ sha256: sha256(token) });
}

function sha256(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}

function handleOf(token: string): string {
  return lookupHandle(peppers.digest(sha256(token)).digest);
}

function put(token: string, fields: Partial<KeyRecord> = {}): void {
  store.add(peppers.digest(sha256(token)), { keyId: `key_${token}`, ...fields });
}

function scopeOf(token: string): ChangeScope {
  return { kind: 'key', accountId: 'acc_ours', keyId: `key_${token}` };
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function keysOf(known: readonly KnownSecret[] | null): readonly (string | null)[] | null {
  return known === null ? null : known.map(({ record }) => record?.keyId ?? null);
}

describe('a reading', () => {
  test('is remembered: the next question of known and unknown tokens alike is answered without one', async () => {
    put('a');
    expect(reading.remembered([presentedOf('a')])).toBeNull();
    await reading.read([presentedOf('a'), presentedOf('b')]);
    expect(keysOf(reading.remembered([presentedOf('b'), presentedOf('a'), presentedOf('a')]))).toEqual([null, 'key_a', 'key_a']);
    expect(lookup.asked).toBe(1);
  });

  test('answers a batch in its order, repeats included, in one look-up', async () => {
    put('a');
    put('b');
    const batch = ['b', 'x', 'a', 'b', 'x'].map(presentedOf);
    const nothing = presentedSecret({ token: 'no token at all'.repeat(100) });
    expect(keysOf(await reading.read([...batch, nothing]))).toEqual(['key_b', null, 'key_a', 'key_b', null, null]);
    expect(lookup.asked).toBe(1);
  });

  test('is made anew for every question while there is no lease', async () => {
    put('a');
    await reading.read([presentedOf('a')]);
    changes.leased = false;
    expect(reading.remembered([presentedOf('a')])).toBeNull();
    lookup.holds = true;
    const both = [reading.read([presentedOf('a')]), reading.read([presentedOf('a')])];
    await settle();
    expect(lookup.held).toHaveLength(2);
    lookup.landAll();
    expect((await Promise.all(both)).map(keysOf)).toEqual([['key_a'], ['key_a']]);
  });

  test('serves everybody who asks while it is under way', async () => {
    put('a');
    lookup.holds = true;
    const all = Array.from({ length: 50 }, (_, at) => reading.read([presentedOf('a'), presentedOf(at % 2 === 0 ? 'a' : 'x')]));
    await settle();
    expect(lookup.asked).toBe(2);
    lookup.landAll();
    for (const [at, known] of (await Promise.all(all)).entries())
      expect(keysOf(known)).toEqual(['key_a', at % 2 === 0 ? 'key_a' : null]);
    expect(lookup.asked).toBe(2);
  });

  test.each([
    ['the key changes', () => changes.change(scopeOf('a'))],
    ['its account changes', () => changes.change({ kind: 'account', accountId: 'acc_ours' })],
    ['everything changes', () => changes.change({ kind: 'all' })],
    ['the place in the log is lost', () => changes.rejoin('e2', 7)],
    ['the place in the log is lost within one epoch', () => changes.rejoin('e1', 7)],
  ])('that had begun before is neither joined nor remembered where %s', async (_, happen) => {
    put('a');
    lookup.holds = true;
    const first = reading.read([presentedOf('a')]);
    await settle();
    for (const held of lookup.held) held.read();
    happen();
    const joined = reading.read([presentedOf('a')]);
    await settle();
    lookup.landAll();
    await settle();
    expect(lookup.asked).toBe(2);
    expect([reading.remembered([presentedOf('a')]), memory.size]).toEqual([null, 0]);
    lookup.landAll();
    await Promise.all([first, joined]);
    expect(keysOf(reading.remembered([presentedOf('a')]))).toEqual(['key_a']);
  });

  test('that was joined under a lease which is over by now is made anew', async () => {
    put('a');
    lookup.holds = true;
    const [first, joined] = [reading.read([presentedOf('a')]), reading.read([presentedOf('a')])];
    await settle();
    expect(lookup.asked).toBe(1);
    changes.leased = false;
    lookup.landAll();
    await first;
    await settle();
    expect(lookup.asked).toBe(2);
    lookup.landAll();
    expect(keysOf(await joined)).toEqual(['key_a']);
  });

  test('of an unknown token is not remembered where the token comes into being meanwhile', async () => {
    lookup.holds = true;
    const first = reading.read([presentedOf('a')]);
    await settle();
    for (const held of lookup.held) held.read();
    put('a');
    changes.change(scopeOf('a'), [handleOf('a')]);
    lookup.landAll();
    expect(keysOf(await first)).toEqual([null]);
    expect(reading.remembered([presentedOf('a')])).toBeNull();
    lookup.holds = false;
    expect(keysOf(await reading.read([presentedOf('a')]))).toEqual(['key_a']);
  });

  test('of an unknown token is forgotten when the token comes into being, under whichever pepper', async () => {
    for (const pepper of ['current', 'retired']) {
      const token = `under ${pepper}`;
      await reading.read([presentedOf(token)]);
      expect(keysOf(reading.remembered([presentedOf(token)]))).toEqual([null]);
      const stored = peppers.digests(sha256(token)).find(({ pepperId }) => pepperId === pepper);
      changes.change(scopeOf(token), stored === undefined ? [] : [lookupHandle(stored.digest)]);
      expect(reading.remembered([presentedOf(token)])).toBeNull();
    }
  });

  test('that fails is an error to all who joined it, is not remembered, and does not stand in the way of the next', async () => {
    put('a');
    lookup.holds = true;
    const away = new UnavailableError('away');
    const all = [reading.read([presentedOf('a')]), reading.read([presentedOf('a'), presentedOf('b')])];
    await settle();
    for (const { land } of lookup.held.splice(0)) land(away);
    for (const outcome of await Promise.allSettled(all)) expect(outcome).toMatchObject({ status: 'rejected', reason: away });
    expect(memory.size).toBe(0);
    lookup.holds = false;
    expect(keysOf(await reading.read([presentedOf('a')]))).toEqual(['key_a']);
  });

  test('is told with the place in the log before it began, and what memory tells with the place it has come to', async () => {
    put('a');
    changes.change(scopeOf('other'));
    lookup.holds = true;
    const first = reading.read([presentedOf('a')]);
    await settle();
    changes.change(scopeOf('other'));
    lookup.landAll();
    expect((await first)[0]?.stamp).toEqual({ epoch: 'e1', position: 1 });
    expect(reading.remembered([presentedOf('a')])?.[0]?.stamp).toEqual({ epoch: 'e1', position: 2 });
  });

  test('is remembered by nobody where the log is not followed', async () => {
    put('a');
    changes.index = null;
    const [known] = await reading.read([presentedOf('a')]);
    expect([known?.record?.keyId, known?.stamp, memory.size]).toEqual(['key_a', null, 0]);
  });
});

/** Tokens are stored, changed and asked for at random, and readings land late and in any order. */
async function watchTrouble(steps: readonly (readonly [number, number])[]): Promise<void> {
  const tokens = ['a', 'b', 'c'] as const;
  const versions = new Map<string, number>();
  let stored = new InMemorySecrets();
  const held: (() => void)[] = [];
  /** Asked for: the version that was in force when the question came, and what was answered. */
  const asked: { readonly token: string; readonly least: number; answer: Promise<readonly KnownSecret[]> }[] = [];
  const late: SecretLookup = {
    find: async (digests) => {
      const seen = await stored.find(digests);
      await new Promise<void>((resolve) => held.push(resolve));
      return seen;
    },
  };
  const followed = new ScriptedChanges();
  const remembering = new SecretReading(
    late,
    followed,
    new SecretMemory({ found: 2, foundBytes: 100_000, missing: 1 }),
    peppers,
    new DigestMoves(stored, peppers, createLog('test', quiet)),
  );
  const read = async (secret: PresentedSecret, isVouchedFor: boolean) => {
    if (isVouchedFor) return remembering.read([secret]);
    const known = await remembering.read([secret], [secret]);
    remembering.rememberMissing([secret], known);
    return known;
  };
  for (const [kind, choice] of steps) {
    const token = tokens[choice % 3] ?? 'a';
    if (kind < 3) {
      const version = (versions.get(token) ?? 0) + 1;
      versions.set(token, version);
      stored = new InMemorySecrets();
      for (const [name, of] of versions) stored.add(peppers.digest(sha256(name)), { keyId: `key_${name}`, name: `v${of}` });
      followed.change(scopeOf(token), version === 1 ? [handleOf(token)] : []);
    } else if (kind < 7) {
      const least = versions.get(token) ?? 0;
      const secret = presentedOf(token);
      const known = remembering.remembered([secret]);
      asked.push({ token, least, answer: known === null ? read(secret, choice > 5) : Promise.resolve(known) });
    } else if (kind === 7) followed.leased = !followed.leased;
    else held.splice(choice % Math.max(1, held.length), 1).forEach((land) => land());
    if (choice % 2 === 0) await settle();
  }
  const all = Promise.all(asked.map(({ answer }) => answer));
  await settle();
  while (held.length > 0) {
    for (const land of held.splice(0)) land();
    await settle();
  }
  for (const [at, [known]] of (await all).entries()) {
    const version = Number(known?.record?.name.slice(1) ?? 0);
    expect(version).toBeGreaterThanOrEqual(asked[at]?.least ?? NaN);
  }
}

test('of what nobody has vouched for, what is missing is not remembered, and afterwards only if it still holds', async () => {
  const [unknown, created] = [presentedOf('unknown'), presentedOf('created')];
  const known = await reading.read([unknown, created], [unknown, created]);
  expect(memory.size).toBe(0);
  changes.change({ kind: 'key', accountId: 'acc', keyId: 'key' }, [lookupHandle(peppers.digest(sha256('created')).digest)]);
  reading.rememberMissing([unknown, created], known);
  expect(reading.remembered([unknown])).toMatchObject([{ record: null }]);
  expect(reading.remembered([created])).toBeNull();
});

test('no answer is older than its question, in whatever order questions, changes and readings come', async () => {
  const step = fc.tuple(fc.nat(10), fc.nat(11));
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), watchTrouble), { numRuns: 200 });
}, 60_000);
