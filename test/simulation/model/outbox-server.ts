import type { ChangeOutbox, CommittedChange } from '#libs/key-domain';
import type { SimProcess } from '../engine/process.js';
import type { PostgresServer } from './postgres-server.js';

interface Left {
  readonly change: CommittedChange;
  /** True milliseconds. */
  readonly committedAt: number;
}

/** The journal as the outbox of a log that is elsewhere, asked over the network. That something was published may be lost. */
export class OutboxServer {
  readonly #left = new Map<number, Left>();

  constructor(private readonly postgres: PostgresServer) {}

  committed(change: CommittedChange, committedAt: number): void {
    this.#left.set(change.place, { change, committedAt });
  }

  outboxFor(client: SimProcess, now: () => number): ChangeOutbox {
    return {
      unpublished: (afterMs, most) =>
        this.postgres.logStatement(client, () => {
          const old = [...this.#left.values()].filter(({ committedAt }) => committedAt <= now() - afterMs);
          return () => old.slice(0, most).map(({ change }) => change);
        }),
      markPublished: (places) =>
        this.postgres.logStatement(client, () => () => {
          for (const place of places) this.#left.delete(place);
        }),
      trim: () => Promise.resolve(0),
    };
  }
}
