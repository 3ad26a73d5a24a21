import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { LogConnection } from './postgres/log-connection.js';

/** Something that works for as long as the app runs. */
interface Working {
  start(): void;
  stop(): Promise<void>;
}

/** Begins to follow the log with its app, and takes leave of it at the end. */
export class LogLife implements OnApplicationBootstrap, OnApplicationShutdown {
  /** @param parts in the order in which they start; they stop in the opposite one */
  constructor(
    private readonly connection: LogConnection,
    private readonly parts: readonly Working[],
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.connection.open();
    for (const part of this.parts) part.start();
  }

  async onApplicationShutdown(): Promise<void> {
    for (const part of this.parts.toReversed()) await part.stop();
    await this.connection.close();
  }
}
