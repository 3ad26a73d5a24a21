import { LogConnection, PostgresChangeLog } from '#libs/coherence';
import { createLog } from '#libs/observability';
import { migrate } from '#libs/persistence';
import { Pool } from 'pg';
import { freshDatabase } from '../../support/fresh-database.js';
import { ModelJournal, PostgresModelLog } from '../../simulation/model-log.js';
import type { ChangeLogHarness, LogModel } from '../change-log.harness.js';

const NOTE_CHANGE = `
  WITH numbered AS (
    UPDATE change_journal SET head = head + 1 RETURNING head
  ), noted AS (
    INSERT INTO changes (place, kind, account_id, key_id, handles) SELECT head, $1, $2, $3, $4 FROM numbered RETURNING place
  )
  SELECT place::float8 AS place, pg_notify('mintmark_changes', '') FROM noted`;

/** The log on a database of its own, with the schema that the apps have. */
export async function postgresChangeLogHarness(): Promise<ChangeLogHarness> {
  const database = await freshDatabase();
  await migrate({ url: database.url, log: createLog('conformance', { write: () => undefined }) });
  const connect = () => new LogConnection({ url: database.url, poolSize: 4, onTrouble: () => undefined });
  const [following, publishing] = [connect(), connect()];
  const publisher = new PostgresChangeLog(publishing);
  // Channels are listened to that were asked for before the connection was opened.
  new PostgresChangeLog(following).onPublished(() => undefined);
  publisher.onProgress(() => undefined);
  await Promise.all([following.open(), publishing.open()]);
  const sql = new Pool({ connectionString: database.url, max: 4 });
  return {
    follower: () => new PostgresChangeLog(following),
    publisher,
    async commit({ scope, handles }) {
      const accountId = scope.kind === 'all' ? '' : scope.accountId;
      const keyId = scope.kind === 'key' ? scope.keyId : '';
      const { rows } = await sql.query<{ place: number }>(NOTE_CHANGE, [scope.kind, accountId, keyId, handles]);
      return { place: rows[0]?.place ?? NaN, scope, handles };
    },
    async forgetChanges(upTo) {
      await sql.query('DELETE FROM changes WHERE place <= $1', [upTo]);
    },
    model: postgresModel,
    async reset() {
      await sql.query('DELETE FROM verifiers');
      await sql.query('DELETE FROM changes');
      await sql.query('UPDATE change_journal SET head = 0');
    },
    async close() {
      await Promise.all([following.close(), publishing.close()]);
      await sql.end();
      await database.drop();
    },
  };
}

function postgresModel(): LogModel {
  const journal = new ModelJournal();
  const model = new PostgresModelLog(journal, { clock: () => 0, changesAtOnce: 1_000 });
  return {
    join: (id) => model.join(id),
    exchange: (member, progress, renew) => model.exchange(member, progress, renew),
    leave: (member) => model.leave(member),
    publish: ({ scope, handles }) => model.publish(journal.commit(scope, handles)),
    members: () => model.members(),
    prune: (epoch, member) => model.prune(epoch, member),
    forgetChanges: (upTo) => journal.trim(upTo),
  };
}
