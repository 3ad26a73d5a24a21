import type { Time } from '#libs/key-domain';
import { Backoff } from '../verifier/backoff.js';
import type { FailureKind, VerifierTransport } from '../verifier/verifier-transport.js';
import { GuardSession, type SessionEnd } from './guard-session.js';
import type { HeedingMemory } from './told.js';

const RECONNECT = { first: 100, most: 2_000 };
/** A verifier that gives no sessions is asked for one again now and then: it may be replaced, and a service key mended. */
const REFUSED_RETRY_MS = 30_000;

/** Whoever wants to know how a verifier does, as seen from the sessions with it. */
export interface SessionWatcher {
  /** What is kept under a new session may be used from now on. */
  leased(): void;
  ended(end: SessionEnd): void;
  /** Whether the verifier is known to be away; `reopen` is called when it is back. */
  isAway(): boolean;
}

export interface KeeperOptions {
  readonly time: Time;
  readonly random: () => number;
  readonly memory: HeedingMemory;
  readonly staleMs: number;
  readonly watcher: SessionWatcher;
}

/** Keeps a session with one verifier: opens a new one, after a while, when one is over. */
export class SessionKeeper {
  readonly #backoff: Backoff;
  #session: GuardSession | null = null;
  #running = false;
  #cancelTimer: () => void = () => undefined;

  constructor(
    private readonly transport: VerifierTransport,
    private readonly options: KeeperOptions,
  ) {
    this.#backoff = new Backoff(RECONNECT, options.random);
  }

  /** The session under which answers may be asked for now. */
  get open(): GuardSession | null {
    return this.#session?.isOpen === true ? this.#session : null;
  }

  start(): void {
    this.#running = true;
    this.reopen();
  }

  /** Opens a session now, unless there is one. */
  reopen(): void {
    if (!this.#running || this.#session !== null) return;
    this.#cancelTimer();
    const { time, memory, staleMs } = this.options;
    this.#session = new GuardSession(this.transport, {
      time,
      memory,
      staleMs,
      onLeased: () => {
        this.#backoff.reset();
        this.options.watcher.leased();
      },
      onEnded: (end) => {
        this.#ended(end);
      },
    });
  }

  stop(): void {
    this.#running = false;
    this.#cancelTimer();
    this.#session?.leave();
  }

  #ended(end: SessionEnd): void {
    this.#session = null;
    this.options.watcher.ended(end);
    if (!this.#running || this.options.watcher.isAway()) return;
    this.#cancelTimer = this.options.time.after(this.#pauseAfter(end), () => {
      this.reopen();
    });
  }

  #pauseAfter(end: SessionEnd): number {
    if (end.because !== 'refused' || !GIVES_NONE.has(end.failure.kind)) return this.#backoff.next();
    return REFUSED_RETRY_MS * (0.5 + this.options.random() / 2);
  }
}

const GIVES_NONE: ReadonlySet<FailureKind> = new Set<FailureKind>(['unauthenticated', 'denied', 'unimplemented', 'invalid']);
