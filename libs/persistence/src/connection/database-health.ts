import { Injectable } from '@nestjs/common';
import { Database } from './database.js';

const PING = { name: 'ping', text: 'SELECT 1 AS alive' };

@Injectable()
export class DatabaseHealth {
  constructor(private readonly database: Database) {}

  /** @throws UnavailableError when Postgres can't be asked */
  async ping(): Promise<void> {
    await this.database.prepared(PING);
  }
}
