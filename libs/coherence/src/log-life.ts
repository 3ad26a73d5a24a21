import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { LogFollower } from './follower/log-follower.js';
import type { LogConnection } from './postgres/log-connection.js';

/** Begins to follow the log with its app, and takes leave of it at the end. */
export class LogLife implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly connection: LogConnection,
    private readonly follower: LogFollower | null,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.connection.open();
    this.follower?.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.follower?.stop();
    await this.connection.close();
  }
}
