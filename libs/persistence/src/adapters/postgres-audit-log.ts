import {
  type Attribution,
  type AuditEntry,
  type AuditFilter,
  type AuditLog,
  type AuditPage,
  type ChainHead,
  type Deed,
  type Erased,
  type Sealed,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { Database } from '../connection/database.js';
import { StoreError } from '../connection/store-error.js';
import { AuditEntryEntity } from '../schema/entities/audit-entry.entity.js';
import { KeyEntity } from '../schema/entities/key.entity.js';
import { putDown } from './audit-trail.js';

const HEAD = {
  name: 'audit_head',
  text: `
    SELECT coalesce(head.number, 0)::float8 AS number, coalesce(head.hash, decode(repeat('00', 32), 'hex')) AS hash,
           coalesce((SELECT max(number) FROM audit_entries WHERE account_id = $1), 0)::float8 AS last
    FROM (VALUES ($1)) asked (account_id) LEFT JOIN audit_heads head ON head.account_id = asked.account_id`,
};

/** No chain has as many entries. */
const BEYOND_ALL = `'9223372036854775807'::bigint`;

@Injectable()
export class PostgresAuditLog implements AuditLog {
  constructor(private readonly database: Database) {}

  record(deed: Deed, by: Attribution): Promise<void> {
    return this.database.transaction((manager) => putDown(manager, deed, by));
  }

  async list(
    accountId: string,
    filter: AuditFilter,
    { limit, before }: { readonly limit: number; readonly before: number | null },
  ): Promise<AuditPage> {
    const found = await this.database.run(async (manager) => {
      const entries = (await selectEntries(manager, accountId, filter)).orderBy('entry.number', 'DESC');
      if (before !== null) entries.andWhere('entry.number < :before', { before });
      return entries.limit(limit + 1).getMany();
    });
    return { entries: found.slice(0, limit).map(toEntry), hasMore: found.length > limit };
  }

  async after(accountId: string, filter: AuditFilter, number: number, most: number): Promise<readonly AuditEntry[]> {
    const found = await this.database.run(async (manager) => {
      const entries = await selectEntries(manager, accountId, filter);
      return entries.andWhere('entry.number > :number', { number }).orderBy('entry.number', 'ASC').limit(most).getMany();
    });
    return found.map(toEntry);
  }

  async head(accountId: string): Promise<ChainHead & { readonly last: number }> {
    const [head] = await this.database.prepared<ChainHead & { readonly last: number }>(HEAD, [accountId]);
    if (head === undefined) throw new StoreError('the end of an audit chain was answered with no row');
    return head;
  }
}

async function selectEntries(
  manager: EntityManager,
  accountId: string,
  { actor, action, target, from, to }: AuditFilter,
): Promise<SelectQueryBuilder<AuditEntryEntity>> {
  const entries = manager.createQueryBuilder(AuditEntryEntity, 'entry').where('entry.accountId = :accountId', { accountId });
  if (actor !== undefined) entries.andWhere('entry.actorId = :actor', { actor });
  if (action !== undefined) entries.andWhere('entry.action = :action', { action });
  if (target !== undefined) {
    const others = await deedsOnMany(manager, accountId, target);
    if (others.length === 0) entries.andWhere('entry.targetId = :target', { target });
    else entries.andWhere('entry.targetId = ANY (:targets)', { targets: [target, ...others] });
  }
  if (from !== undefined) entries.andWhere(`entry.number >= ${firstSince('from')}`, { from });
  if (to !== undefined) entries.andWhere(`entry.number < ${firstSince('to')}`, { to });
  return entries;
}

/** What was done to a key together with others stands under targets of its own. */
async function deedsOnMany(manager: EntityManager, accountId: string, keyId: string): Promise<readonly string[]> {
  const key = await manager.findOne(KeyEntity, {
    select: { importedIn: true, revokedIn: true },
    where: { accountId, id: keyId },
  });
  return [key?.importedIn, key?.revokedIn].filter((id) => typeof id === 'string');
}

/** Times never run back along a chain: a time is a place in it, so that every index that knows the place will do. */
function firstSince(parameter: 'from' | 'to'): string {
  return `coalesce(
    (SELECT since.number FROM audit_entries since WHERE since.account_id = :accountId AND since.at >= :${parameter}
     ORDER BY since.at, since.number LIMIT 1), ${BEYOND_ALL})`;
}

function toEntry(stored: AuditEntryEntity): AuditEntry {
  const { accountId, number, at, actorType, actorId, action, targetType, targetId, requestId, hash } = stored;
  return {
    ...{ accountId, number: Number(number), at, action, requestId, hash },
    actor: { type: actorType, id: actorId },
    target: { type: targetType, id: targetId },
    change: toPart(stored.changeText, stored.changeSalt, stored.changeDigest),
    origin: toPart(stored.originText, stored.originSalt, stored.originDigest),
  };
}

function toPart(text: string | null, salt: Buffer | null, digest: Buffer): Sealed | Erased {
  return text === null || salt === null ? { text: null, salt: null, digest } : { text, salt, digest };
}
