/*
 * What a key takes in the first-level cache of a verifier: the growth of the heap for each of 100,000 keys as the
 * driver reads them, and what the cache itself takes it for. Run with --expose-gc.
 */
import { randomBytes } from 'node:crypto';
import { approximateBytes, type KeyRecord, lookupHandle } from '#libs/key-domain';
import { FOOTPRINT, SecretMemory } from '../libs/verification/src/secret-memory.js';
import { figureTable, machineFacts } from './harness/report.js';
import { effort, print } from './harness/run.js';

const KEYS = 100_000;
const ACCOUNTS = 200;
const BOUNDS = { found: KEYS, foundBytes: 2 ** 40, missing: KEYS };

/** Kinds of keys, as customers hold them. */
const KINDS: Readonly<Record<string, (index: number) => Partial<KeyRecord>>> = {
  'a plain key: two scopes, an owner': () => ({ scopes: ['garments:read', 'garments:write'] }),
  'a full key: four scopes, two products, a range, metadata': (index) => ({
    scopes: ['garments:read', 'garments:write', 'orders:read', 'orders:write'],
    products: [`prd_${id(index % 40)}`, `prd_${id(index % 7)}`],
    allowedCidrs: ['192.0.2.0/24'],
    metadata: { plan: 'business', region: 'eu-west-1', seat: index },
    expiresAt: 1_800_000_000_000 + index,
  }),
};

const { repetitions } = effort({ repetitions: 3, seconds: 0, warmUpSeconds: 0 });

function measure(kind: (index: number) => Partial<KeyRecord>): { readonly bytes: number; readonly estimate: number } {
  const before = heap();
  const memory = new SecretMemory(BOUNDS);
  let estimate = 0;
  for (let index = 0; index < KEYS; index += 1) {
    const record = read({ ...plainKey(index), ...kind(index) });
    estimate += approximateBytes(record, FOOTPRINT);
    memory.setFound(randomName(), record);
  }
  const bytes = (heap() - before) / memory.size;
  if (memory.size !== KEYS) throw new Error(`${memory.size} of ${KEYS} keys were kept`);
  return { bytes, estimate: estimate / KEYS };
}

function measureUnknown(): number {
  const before = heap();
  const memory = new SecretMemory(BOUNDS);
  for (let index = 0; index < KEYS; index += 1) memory.setMissing(randomName(), [lookupHandle(randomBytes(32))]);
  return (heap() - before) / memory.size;
}

function plainKey(index: number): KeyRecord {
  return {
    keyId: `key_${id(index)}`,
    secretId: `sec_${id(index)}`,
    accountId: `acc_${id(index % ACCOUNTS)}`,
    accountSuspended: false,
    ownerId: `user_${1_000_000 + index}`,
    name: `Production server ${index}`,
    environment: 'live',
    scopes: [],
    products: 'all',
    allowedCidrs: [],
    metadata: {},
    limits: null,
    enabled: true,
    revoked: false,
    expiresAt: null,
  };
}

function id(index: number): string {
  return index.toString(16).padStart(26, '0');
}

/** Every text of a record that comes from the driver is a text of its own. */
function read(record: KeyRecord): KeyRecord {
  const own = (_name: string, value: unknown) => (typeof value === 'string' ? Buffer.from(value).toString() : value);
  return JSON.parse(JSON.stringify(record), own) as KeyRecord;
}

function randomName(): string {
  return randomBytes(32).toString('latin1');
}

/** Bytes that are held, in the heap and beside it. */
function heap(): number {
  if (globalThis.gc === undefined) throw new Error('start it with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

print(machineFacts({}));
print(`${repetitions} repetitions of ${KEYS.toLocaleString('en-US')} keys of ${ACCOUNTS} accounts.`);
for (const [title, kind] of Object.entries(KINDS)) {
  const rows = Array.from({ length: repetitions }, () => {
    const { bytes, estimate } = measure(kind);
    return [bytes, estimate, estimate / bytes];
  });
  print(figureTable([`bytes of ${title}`, 'the cache takes it for', 'ratio'], rows));
}
print(
  figureTable(
    ['bytes of an unknown token'],
    Array.from({ length: repetitions }, () => [measureUnknown()]),
  ),
);
