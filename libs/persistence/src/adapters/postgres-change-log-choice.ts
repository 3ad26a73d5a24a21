import type { ChangeLogChoice } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';
import { InstallationEntity } from '../schema/entities/installation.entity.js';

@Injectable()
export class PostgresChangeLogChoice implements ChangeLogChoice {
  constructor(private readonly database: Database) {}

  async chosen(): Promise<string | null> {
    const { changeLog } = await this.database.run((manager) => manager.findOneByOrFail(InstallationEntity, { onlyRow: true }));
    return changeLog;
  }

  choose(log: string): Promise<string> {
    return this.database.transaction(async (manager) => {
      const { changeLog } = await manager.findOneOrFail(InstallationEntity, {
        where: { onlyRow: true },
        lock: { mode: 'pessimistic_write' },
      });
      if (changeLog !== null) return changeLog;
      await manager.update(InstallationEntity, { onlyRow: true }, { changeLog: log });
      return log;
    });
  }
}
