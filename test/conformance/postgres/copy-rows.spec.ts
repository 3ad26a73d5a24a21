import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { copyRows } from '../../../libs/persistence/src/connection/copy-rows.js';
import { Database } from '../../../libs/persistence/src/connection/database.js';
import { ConstraintViolation } from '../../../libs/persistence/src/connection/store-error.js';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';
import { openPersistence } from './postgres-harness.js';

/** What a value can end with, or be taken for, where it is not escaped. */
const PITFALLS = [
  '\\',
  '\n',
  '\r',
  '\t',
  '\b',
  '\v',
  '\f',
  '"',
  "'",
  '{',
  '}',
  ',',
  '.',
  'N',
  'x',
  '0',
  ' ',
  'é',
  '😀',
  '\u2028',
  '\u0001',
];
const pitfall = fc.constantFrom(...PITFALLS, '\\N', '\\.', '\\x', 'NULL', '{}');
const storable = fc.string({ unit: 'binary' }).filter((drawn) => !/\0|\p{Surrogate}/u.test(drawn));
const text = fc.oneof(fc.string({ unit: pitfall }), storable);
const row = fc.tuple(
  fc.option(text),
  fc.option(fc.array(text, { maxLength: 4 })),
  fc.option(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))),
  fc.option(fc.boolean()),
  fc.option(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })),
  fc.dictionary(text, text, { maxKeys: 3 }),
);

const asItIs = (values: readonly string[]) => values;

describe('rows that are copied', () => {
  let store: FreshDatabase;
  let app: INestApplicationContext;
  let database: Database;
  beforeAll(async () => {
    store = await freshDatabase();
    app = await openPersistence(store.url);
    database = app.get(Database);
    await database.run((manager) =>
      manager.query('CREATE TABLE copied (n serial PRIMARY KEY, t text, l text[], b bytea, f boolean, d timestamptz, j jsonb)'),
    );
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await store.drop();
  });

  test('are read as they were given, whatever is in them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const read = await database.transaction(async (manager) => {
          await manager.query('TRUNCATE copied');
          await copyRows(manager, 'copied (t, l, b, f, d, j)', rows, ([t, l, b, f, d, j]) => [t, l, b, f, d, JSON.stringify(j)]);
          return manager.query<Record<string, unknown>[]>('SELECT t, l, b, f, d, j FROM copied ORDER BY n');
        });
        expect(read).toEqual(rows.map(([t, l, b, f, d, j]) => ({ t, l, b, f, d, j })));
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  test('that break a constraint leave nothing of their transaction, and the connection as good as before', async () => {
    const broken = database.transaction(async (manager) => {
      await manager.query('TRUNCATE copied');
      await copyRows(manager, 'copied (n, t)', [['1', 'one']], asItIs);
      const again = [
        ['2', 'two'],
        ['1', 'again'],
      ];
      await copyRows(manager, 'copied (n, t)', again, asItIs);
    });
    await expect(broken).rejects.toMatchObject({ constraint: 'copied_pkey' });
    await expect(broken).rejects.toBeInstanceOf(ConstraintViolation);
    await database.transaction(async (manager) => {
      await manager.query('TRUNCATE copied');
      await copyRows(manager, 'copied (n, t)', [['1', 'one']], asItIs);
      expect(await manager.query('SELECT t FROM copied')).toEqual([{ t: 'one' }]);
    });
  });

  test('into what is not there are a fault, and the connection stays as good as before', async () => {
    const broken = database.transaction((manager) => copyRows(manager, 'nowhere (a)', [['x']], asItIs));
    await expect(broken).rejects.toMatchObject({ code: 'internal_error' });
    expect(await database.run((manager) => manager.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });
});
