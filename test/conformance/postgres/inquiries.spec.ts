import { LogConnection, PostgresInquiryLog, PostgresMemberRegistry } from '#libs/coherence';
import { type ChangeScope, type CommittedChange, UnavailableError } from '#libs/key-domain';
import { createLog } from '#libs/observability';
import { migrate } from '#libs/persistence';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { RegistryModel } from '../../simulation/registry-model.js';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';

const SCOPES: readonly ChangeScope[] = [
  { kind: 'key', accountId: 'acc_1', keyId: 'key_1' },
  { kind: 'account', accountId: 'acc_2' },
  { kind: 'all' },
];
const HINT_WITHIN_MS = 2_000;

/** One step of somebody's; members and changes are named by the order in which they came into being. */
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('record' as const), replaced: fc.option(fc.nat(5)) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('inquire' as const), change: fc.nat(8) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('exchange' as const),
      member: fc.nat(5),
      behind: fc.nat(2),
      excepted: fc.nat(2),
      staleGuards: fc.nat(2),
      isNews: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), member: fc.nat(5) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe('inquiries, and the registry of those who answer them', () => {
  let database: FreshDatabase;
  let sql: Pool;
  let connection: LogConnection;
  let listening: LogConnection;
  beforeAll(async () => {
    database = await freshDatabase();
    await migrate({ url: database.url, log: createLog('conformance', { write: () => undefined }) });
    sql = new Pool({ connectionString: database.url, max: 4 });
    connection = new LogConnection({ url: database.url, poolSize: 4, onTrouble: () => undefined });
    listening = new LogConnection({ url: database.url, poolSize: 1, onTrouble: () => undefined });
  });
  beforeEach(async () => {
    await sql.query('DELETE FROM verifiers');
    await sql.query('DELETE FROM changes');
    await sql.query('UPDATE change_journal SET head = 0, inquired = 0');
  });
  afterAll(async () => {
    await Promise.all([connection.close(), listening.close()]);
    await sql.end();
    await database.drop();
  });

  const commit = async (scope: ChangeScope, handles: readonly string[] = []): Promise<CommittedChange> => {
    const values = [scope.kind, scope.kind === 'all' ? '' : scope.accountId, scope.kind === 'key' ? scope.keyId : '', handles];
    const { rows } = await sql.query<{ place: number }>(
      `WITH numbered AS (UPDATE change_journal SET head = head + 1 RETURNING head)
       INSERT INTO changes (place, kind, account_id, key_id, handles) SELECT head, $1, $2, $3, $4 FROM numbered
       RETURNING place::float8 AS place`,
      values,
    );
    return { place: rows[0]?.place ?? NaN, scope, handles };
  };

  test('are to Postgres what they are to the model that simulations run on', async () => {
    const [registry, log] = [new PostgresMemberRegistry(connection), new PostgresInquiryLog(connection)];
    const run = async (steps: readonly Step[]) => {
      await sql.query('DELETE FROM verifiers');
      await sql.query('DELETE FROM changes');
      await sql.query('UPDATE change_journal SET head = 0, inquired = 0');
      const model = new RegistryModel();
      const members = [{ id: 'ver_stranger', position: 0 }];
      const changes: CommittedChange[] = [];
      for (let index = 0; index < 9; index += 1) changes.push(await commit(SCOPES[index % 3] ?? { kind: 'all' }, [`h_${index}`]));
      const named = (index: number) => members[index % members.length] ?? { id: '', position: 0 };
      for (const taken of steps) {
        if (taken.kind === 'record') {
          const former = taken.replaced === null ? [] : [named(taken.replaced).id];
          const id = `ver_${randomUUID()}`;
          const inquiry = await registry.record(id, former);
          expect(inquiry).toBe(model.record(id, former));
          members.push({ id, position: inquiry });
        } else if (taken.kind === 'inquire') {
          const change = changes[taken.change] ?? { place: 0, scope: { kind: 'all' }, handles: [] };
          expect(await log.publish(change)).toEqual(model.publish(change));
        } else if (taken.kind === 'exchange') {
          const member = named(taken.member);
          const position = Math.max(0, member.position - taken.behind);
          const exceptions = Array.from({ length: Math.min(taken.excepted, position) }, (_, index) => position - index).reverse();
          const progress = { position, exceptions, staleGuards: taken.staleGuards };
          const answer = await log.exchange(member.id, progress, taken.isNews);
          expect(answer).toEqual(model.exchange(member.id, progress, taken.isNews));
          ({ position: member.position } = answer);
        } else {
          await registry.remove(named(taken.member).id);
          model.remove(named(taken.member).id);
        }
      }
      expect(await log.members()).toEqual(model.members());
      expect((await registry.ids()).toSorted()).toEqual(model.ids().toSorted());
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), run), { numRuns: 60 });
  }, 60_000);

  test('are seen in their order, however many are made at once: whoever has seen one has seen all before it', async () => {
    const log = new PostgresInquiryLog(connection);
    const changes = [];
    for (let count = 0; count < 60; count += 1)
      changes.push(await commit({ kind: 'key', accountId: 'acc', keyId: `key_${count}` }));
    const asked = changes.flatMap((change) => [change, change]).map((change) => publishAgainUntilDone(log, change));
    let isOver = false;
    const reader = async () => {
      const seen: number[] = [];
      for (let position = 0; !isOver || position < changes.length;) {
        const answer = await log.exchange('nobody', { position, exceptions: [], staleGuards: 0 }, false);
        seen.push(...answer.inquiries.map(({ number }) => number));
        ({ position } = answer);
      }
      return seen;
    };
    const reading = Promise.all([reader(), reader()]);
    const numbers = await Promise.all(asked);
    isOver = true;
    for (const [index, number] of numbers.entries()) expect(number).toBe(numbers[index - (index % 2)]);
    const ascending = [...new Set(numbers)].toSorted((one, other) => one - other);
    expect(ascending).toHaveLength(changes.length);
    for (const seen of await reading) expect(seen).toEqual(ascending);
  }, 60_000);

  test('about a change that the journal does not hold can not be made', async () => {
    const log = new PostgresInquiryLog(connection);
    await expect(log.publish({ place: 99, scope: { kind: 'all' }, handles: [] })).rejects.toThrow(UnavailableError);
  });

  test('and answers to them are hinted at', async () => {
    const hints = { made: 0, answered: 0 };
    const heard = new PostgresInquiryLog(listening);
    heard.onPublished(() => (hints.made += 1));
    heard.onProgress(() => (hints.answered += 1));
    await listening.open();
    Object.assign(hints, { made: 0, answered: 0 });
    const [registry, log] = [new PostgresMemberRegistry(connection), new PostgresInquiryLog(connection)];
    await registry.record('ver_1', []);
    const { number } = await log.publish(await commit({ kind: 'all' }));
    await log.exchange('ver_1', { position: number, exceptions: [], staleGuards: 0 }, true);
    const deadline = performance.now() + HINT_WITHIN_MS;
    while ((hints.made === 0 || hints.answered === 0) && performance.now() < deadline) await sleep(10);
    expect(hints).toEqual({ made: 1, answered: 1 });
  });
});

/** As an admin does: two that ask at the same moment may be in each other's way. */
async function publishAgainUntilDone(log: PostgresInquiryLog, change: CommittedChange): Promise<number> {
  for (;;) {
    try {
      return (await log.publish(change)).number;
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
    }
  }
}
