/*
 * What many a team writes: the SHA-256 of the token, one findOne of TypeORM a request, and a look at what was found.
 * BENCH_DATABASE_URL, BENCH_KEYS, BENCH_WARM_UP_MS, BENCH_MS. Prints what it found as a line of JSON.
 */
import 'reflect-metadata';
import { createHash, randomBytes } from 'node:crypto';
import { DataSource, EntitySchema } from 'typeorm';
import { pressInProcess } from '../harness/crowd.js';

interface HandMadeKey {
  readonly id: string;
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly revokedAt: Date | null;
  readonly expiresAt: Date | null;
}

const HandMadeKey = new EntitySchema<HandMadeKey>({
  name: 'HandMadeKey',
  tableName: 'bench_hand_made_keys',
  columns: {
    id: { type: 'text', primary: true },
    hash: { type: 'text', unique: true },
    scopes: { type: 'text', array: true },
    revokedAt: { type: 'timestamptz', nullable: true },
    expiresAt: { type: 'timestamptz', nullable: true },
  },
});

const source = new DataSource({
  type: 'postgres',
  url: process.env['BENCH_DATABASE_URL'] ?? '',
  entities: [HandMadeKey],
  synchronize: true,
});
await source.initialize();
const keys = source.getRepository(HandMadeKey);
const tokens = Array.from({ length: Number(process.env['BENCH_KEYS']) }, () => `hm_live_${randomBytes(24).toString('hex')}`);
const digest = (token: string) => createHash('sha256').update(token).digest('hex');
await keys.clear();
await keys.insert(
  tokens.map((token, index) => ({
    id: `key_${index}`,
    hash: digest(token),
    scopes: ['garments:read'],
    revokedAt: null,
    expiresAt: null,
  })),
);

async function verify(token: string): Promise<void> {
  const key = await keys.findOne({ where: { hash: digest(token) } });
  const good = key?.revokedAt === null && (key.expiresAt === null || key.expiresAt > new Date());
  if (!good || !key.scopes.includes('garments:read')) throw new Error('the key was refused');
}

const times = { warmUpMs: Number(process.env['BENCH_WARM_UP_MS']), ms: Number(process.env['BENCH_MS']) };
process.stdout.write(`${JSON.stringify(await pressInProcess(tokens, verify, times))}\n`);
await source.destroy();
