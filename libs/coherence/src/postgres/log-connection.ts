import { SYSTEM_TIME, UnavailableError } from '#libs/key-domain';
import { Client, Pool } from 'pg';
import { withinLimit } from '../log/time-limit.js';
import { LEASE_TERMS } from '../terms.js';

export interface LogConnectionOptions {
  readonly url: string;
  /** Most connections for statements; one more listens. */
  readonly poolSize: number;
  /** Told when the connection that listens is lost: hints fail until it is back, nothing else. */
  readonly onTrouble: (error: unknown) => void;
}

/** Milliseconds between two attempts to listen again. */
const RELISTEN_MS = 250;

/** Milliseconds between two questions whether the server is still there: a cut cable says nothing to whoever listens. */
const PROBE_MS = 5_000;

/** A statement that each connection prepares once, under its name. */
interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Connections to Postgres for the log alone: a lease must not wait behind look-ups. */
export class LogConnection {
  readonly #pool: Pool;
  readonly #listeners = new Map<string, (() => void)[]>();
  #listening: Client | null = null;
  #next: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: LogConnectionOptions) {
    this.#pool = new Pool({ ...this.#clientOptions, max: options.poolSize });
    this.#pool.on('error', (error) => {
      if (this.#closed) return; // it was said goodbye to, and the server that stops as well says so, too
      options.onTrouble(new UnavailableError('An idle connection to the change log was lost.', { detail: detailOf(error) }));
    });
  }

  /** @throws UnavailableError */
  async query<Row extends object>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>({ ...statement, values: [...values] })).rows;
    } catch (cause) {
      throw new UnavailableError('The change log can not be reached at the moment.', { detail: detailOf(cause) });
    }
  }

  /** Calls back at every notification on a channel. */
  listen(channel: string, listener: () => void): void {
    this.#listeners.set(channel, [...(this.#listeners.get(channel) ?? []), listener]);
  }

  /** Begins to listen, and goes on for as long as it is open. */
  async open(): Promise<void> {
    if (this.#closed) return;
    const client = new Client(this.#clientOptions);
    client.on('notification', ({ channel }) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener();
    });
    client.on('error', (error) => {
      this.#relisten(client, error);
    });
    client.on('end', () => {
      this.#relisten(client, new Error('connection ended'));
    });
    this.#listening = client;
    try {
      await client.connect();
      for (const channel of this.#listeners.keys()) await client.query(`LISTEN ${channel}`);
      this.#callAll();
      this.#probeLater(client);
    } catch (error) {
      this.#relisten(client, error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#next);
    await Promise.all([this.#stopListening(), this.#pool.end()]);
  }

  /** Says goodbye, which a server that is cut off never answers. */
  async #stopListening(): Promise<void> {
    const ended = this.#listening?.end() ?? Promise.resolve();
    await withinLimit(SYSTEM_TIME, LEASE_TERMS.exchange, ended).catch(this.options.onTrouble);
  }

  #probeLater(client: Client): void {
    if (this.#closed || this.#listening !== client) return;
    this.#next = setTimeout(() => {
      client.query('SELECT').then(
        () => {
          this.#probeLater(client);
        },
        (error: unknown) => {
          this.#relisten(client, error);
        },
      );
    }, PROBE_MS).unref();
  }

  /** Something may have been missed while nobody listened. */
  #callAll(): void {
    for (const listener of [...this.#listeners.values()].flat()) listener();
  }

  #relisten(lost: Client, error: unknown): void {
    if (this.#closed || this.#listening !== lost) return;
    this.options.onTrouble(new UnavailableError('The change log is not listened to.', { detail: detailOf(error) }));
    this.#listening = null;
    lost.end().catch(() => undefined);
    clearTimeout(this.#next);
    this.#next = setTimeout(() => void this.open(), RELISTEN_MS).unref();
  }

  get #clientOptions() {
    return {
      connectionString: this.options.url,
      application_name: 'mintmark log',
      keepAlive: true,
      connectionTimeoutMillis: LEASE_TERMS.exchange,
      query_timeout: LEASE_TERMS.exchange,
      statement_timeout: LEASE_TERMS.exchange,
    };
  }
}

/** What may be logged of a driver's error: its code, and never its text, which may quote values. */
function detailOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  if (!(error instanceof Error)) return 'unknown';
  return error.name === 'Error' ? 'no answer in time' : error.name;
}
