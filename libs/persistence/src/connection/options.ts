import type { Log } from '#libs/observability';

/** How the database is reached. */
export interface DatabaseOptions {
  /** A postgresql:// URL; `sslmode` and its kind are understood. */
  readonly url: string;
  /** Connections held at most; {@link DEFAULT_POOL_SIZE} if absent. */
  readonly poolSize?: number;
  /** A server that can't be reached yet is waited for, this many milliseconds; {@link START_LIMIT_MS} if absent. */
  readonly startLimitMs?: number;
  readonly log: Log;
}

export const START_LIMIT_MS = 30_000;

export const DEFAULT_POOL_SIZE = 10;

/** Opening a connection, or waiting for one that is in use, takes this many milliseconds at most. */
export const CONNECT_LIMIT_MS = 2_000;

/** A statement takes this many milliseconds at most; then the server gives it up. */
export const STATEMENT_LIMIT_MS = 5_000;

/** A server that has not given up by now is frozen or cut off: the connection is let go. */
export const ANSWER_LIMIT_MS = STATEMENT_LIMIT_MS + 500;

/** A transaction that lies idle for this many milliseconds has lost its client; the server ends it and its locks. */
export const IDLE_TRANSACTION_LIMIT_MS = 10_000;
