import { UnavailableError } from '#libs/key-domain';
import { Redis, type RedisOptions } from 'ioredis';
import { LEASE_TERMS } from '../terms.js';
import type { Script } from './scripts.js';

export interface RedisConnectionOptions {
  /** A redis:// or rediss:// URL. */
  readonly url: string;
  /** Told when the connection is lost, and when the one that listens is: hints fail until it is back, nothing else. */
  readonly onTrouble: (error: unknown) => void;
}

/** Milliseconds between two attempts to connect, and as many more at random: not every process comes back at once. */
const RECONNECT_MS = 100;
/** Milliseconds after which a silent connection that listens is asked whether it still does. */
const HEARTBEAT_MS = 5_000;

/**
 * Two connections to Redis: one for scripts, one that listens. Nothing is sent twice: what was under way when a
 * connection was lost has failed, whether or not the server has done it.
 */
export class RedisConnection {
  readonly #commands: Redis;
  readonly #hints: Redis;
  readonly #listeners = new Map<string, (() => void)[]>();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(private readonly options: RedisConnectionOptions) {
    this.#commands = this.#client({ connectionName: 'mintmark' });
    this.#hints = this.#client({ connectionName: 'mintmark-hints', autoResubscribe: false });
    this.#hints.on('message', (channel: string) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener();
    });
    this.#hints.on('ready', () => void this.#subscribe());
  }

  /** Tries to connect, and goes on for as long as it is open. */
  async open(): Promise<void> {
    this.#heartbeat = setInterval(() => void this.#hints.ping().catch(this.#trouble), HEARTBEAT_MS).unref();
    await Promise.all([this.#commands, this.#hints].map((client) => client.connect().catch(this.#trouble)));
  }

  close(): void {
    clearInterval(this.#heartbeat);
    this.#commands.disconnect();
    this.#hints.disconnect();
  }

  /**
   * Runs a script, by its digest where the server knows it.
   * @throws UnavailableError
   */
  async run(script: Script, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    const args = [...keys, ...values];
    try {
      return await this.#commands.evalsha(script.sha1, keys.length, ...args).catch((error: unknown) => {
        if (errorWord(error) !== 'NOSCRIPT') throw error;
        return this.#commands.eval(script.lua, keys.length, ...args);
      });
    } catch (cause) {
      throw asUnavailable(cause);
    }
  }

  /** @throws UnavailableError */
  async info(): Promise<string> {
    return this.#commands.info().catch((cause: unknown) => {
      throw asUnavailable(cause);
    });
  }

  /** @throws UnavailableError */
  async get(key: string): Promise<string | null> {
    return this.#commands.get(key).catch((cause: unknown) => {
      throw asUnavailable(cause);
    });
  }

  /** Calls back at every message on a channel. */
  listen(channel: string, listener: () => void): void {
    this.#listeners.set(channel, [...(this.#listeners.get(channel) ?? []), listener]);
    if (this.#hints.status === 'ready') void this.#subscribe();
  }

  #client(options: { readonly connectionName: string; readonly autoResubscribe?: boolean }): Redis {
    const client = new Redis(this.options.url, { ...ONCE_OR_NEVER, ...options });
    client.on('error', this.#trouble);
    return client;
  }

  /** Something may have been missed while nobody listened. */
  async #subscribe(): Promise<void> {
    if (this.#listeners.size === 0) return;
    try {
      await this.#hints.subscribe(...this.#listeners.keys());
      for (const listener of [...this.#listeners.values()].flat()) listener();
    } catch (error) {
      this.#trouble(error);
    }
  }

  readonly #trouble = (error: unknown): void => {
    this.options.onTrouble(asUnavailable(error));
  };
}

const ONCE_OR_NEVER = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: LEASE_TERMS.exchange,
  commandTimeout: LEASE_TERMS.exchange,
  /** A connection that does not answer is given up: it may be half-open, and would stay so for minutes. */
  socketTimeout: LEASE_TERMS.exchange,
  retryStrategy: () => RECONNECT_MS * (1 + Math.random()),
} satisfies RedisOptions;

function asUnavailable(cause: unknown): UnavailableError {
  if (cause instanceof UnavailableError) return cause;
  return new UnavailableError('The change log can not be reached at the moment.', { detail: detailOf(cause) });
}

/** What may be logged of an error: its code, or the word by which Redis' errors begin, and never what was sent. */
function detailOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  const word = errorWord(error);
  if (word !== null || !(error instanceof Error)) return word ?? 'unknown';
  if (error.message === 'Command timed out') return 'no answer in time';
  return error.name === 'Error' ? 'not connected' : error.name;
}

/** The word by which Redis' errors begin: `NOSCRIPT`, `OOM`, `LOADING`, or one of the scripts' own. */
function errorWord(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return null;
  return /^[A-Z]+/.exec(error.message)?.[0] ?? null;
}
