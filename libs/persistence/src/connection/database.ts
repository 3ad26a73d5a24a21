import { UnavailableError } from '#libs/key-domain';
import type { Pool, PoolClient, QueryConfig } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { toDomainError } from './driver-error.js';
import { STATEMENT_LIMIT_MS } from './options.js';

/** A statement that each connection prepares once, under its name. */
export interface PreparedStatement {
  /** Unique in the process. */
  readonly name: string;
  readonly text: string;
}

/**
 * The way of every adapter to Postgres. A connection that failed to answer is never used again, since what it
 * is still busy with, or whether a transaction is open in it, can't be known.
 * @throws UnavailableError when Postgres is away, restarting, out of connections or out of time
 * @throws StoreError for a fault of Mintmark's own
 */
export class Database {
  constructor(readonly dataSource: DataSource) {}

  /** The pool of connections itself. */
  get pool(): Pool {
    return (this.dataSource.driver as PostgresDriver).master as Pool;
  }

  async prepared<Row extends object>(statement: PreparedStatement, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.pool.query<Row>({ ...statement, values: [...values] })).rows;
    } catch (error) {
      throw toDomainError(error);
    }
  }

  /** Runs single statements, each committed by itself. */
  run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.#onConnection((runner) => work(runner.manager));
  }

  /** Commits what `work` did, or nothing of it where it throws. */
  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.#onConnection(async (runner) => {
      await runner.startTransaction();
      try {
        const result = await work(runner.manager);
        await runner.commitTransaction();
        return result;
      } catch (error) {
        const failure = toDomainError(error);
        if (!(failure instanceof UnavailableError)) await runner.rollbackTransaction();
        throw failure;
      }
    });
  }

  async #onConnection<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    let client: PoolClient | undefined;
    try {
      client = (await runner.connect()) as PoolClient;
      return await work(runner);
    } catch (error) {
      const failure = toDomainError(error);
      if (client !== undefined && failure instanceof UnavailableError) abandon(client);
      throw failure;
    } finally {
      await runner.release();
    }
  }
}

/**
 * Runs one statement of a transaction that is given longer than others, in milliseconds. Those after it are limited as ever: the server
 * must not go on with one that the client has given up, which would keep its locks.
 * @param statement with the names of its values, each after a colon
 */
export async function longStatement<Row>(
  manager: EntityManager,
  statement: string,
  values: Readonly<Record<string, unknown>>,
  limitMs: number,
): Promise<Row[]> {
  const { queryRunner, dataSource } = manager;
  const client = (await queryRunner?.connect()) as PoolClient;
  await client.query(`SET LOCAL statement_timeout = ${limitMs}`);
  const [text, list] = dataSource.driver.escapeQueryWithParameters(statement, { ...values });
  const query: QueryConfig & { readonly query_timeout: number } = { text, values: list, query_timeout: limitMs + 500 };
  const { rows } = await client.query(query);
  await client.query(`SET LOCAL statement_timeout = ${STATEMENT_LIMIT_MS}`);
  return rows as Row[];
}

/** The pool drops a client that is ending; the server ends the transaction with the connection. */
function abandon(client: PoolClient): void {
  void client.end();
}
