import { idsAtOnce, type KeyNotices, type NoticeLimits } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../connection/database.js';
import { NOTICE_KINDS, type NoticeKind } from './notices/notice-kinds.js';
import { beginRound, GIVE_UP, holdSubscribed, POSTPONE, TAKE_TURN, TAKE_UP, tellPage } from './notices/round-statements.js';

interface Turn {
  readonly accountId: string;
  readonly event: NoticeKind['event'];
}

@Injectable()
export class PostgresKeyNotices implements KeyNotices {
  constructor(private readonly database: Database) {}

  async tellSome(limits: NoticeLimits): Promise<boolean> {
    let taken: Turn | undefined;
    const told = await this.database
      .transaction(async (manager) => {
        [taken] = await manager.query<Turn[]>(TAKE_TURN);
        if (taken !== undefined) await takeTurn(manager, taken, limits);
        return taken !== undefined;
      })
      .catch(async (error: unknown) => {
        if (taken !== undefined) await this.#postpone(taken, limits);
        throw error;
      });
    return told || this.#takeUp();
  }

  /** An account whose turn failed keeps no other from theirs. */
  #postpone({ accountId, event }: Turn, { everyMs }: NoticeLimits): Promise<unknown> {
    return this.database.run((manager) => manager.query(POSTPONE, [accountId, event, everyMs]));
  }

  /** @returns whether an account has its first turn now */
  #takeUp(): Promise<boolean> {
    return this.database.run(async (manager) => (await manager.query<object[]>(TAKE_UP)).length > 0);
  }
}

async function takeTurn(manager: EntityManager, { accountId, event }: Turn, { most, everyMs }: NoticeLimits): Promise<void> {
  const kind = NOTICE_KINDS[event];
  const webhooks = await manager.query<{ id: string }[]>(holdSubscribed(kind), [accountId]);
  if (webhooks.length === 0) {
    await manager.query(GIVE_UP, [accountId, event]);
    return;
  }
  await manager.query(beginRound(kind), [accountId]);
  await manager.query(tellPage(kind), [accountId, most, everyMs, webhooks.map(({ id }) => id), idsAtOnce('msg')]);
}
