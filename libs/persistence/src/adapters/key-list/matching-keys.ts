import {
  type Attribution,
  type AuditedState,
  idsAtOnce,
  type KeyFilter,
  MATCHING_SAMPLE,
  type MatchingKeys,
  MAX_RECORDED_IDS,
  newId,
  type Revocation,
  type RevokedKeys,
} from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { longStatement } from '../../connection/database.js';
import { StoreError } from '../../connection/store-error.js';
import { putDown } from '../audit-trail.js';
import { noteChange } from '../change-journal.js';
import { isSubscribed, tellOfEach } from '../events-of-keys.js';
import { wantedKeys } from './key-conditions.js';

/** Counting or revoking all keys of a large account takes this many milliseconds at most. */
const LIMIT_MS = 300_000;

const MINTMARK_SCOPES_OF = (keys: string) => `
  coalesce((SELECT array_agg(DISTINCT scope) FROM ${keys}, unnest(scopes) scope WHERE starts_with(scope, 'mintmark:')), '{}')`;

/** Looks at the keys that a filter leaves. */
export async function matchingKeys(manager: EntityManager, accountId: string, filter: KeyFilter): Promise<MatchingKeys> {
  const { conditions, values } = wantedKeys(accountId, filter);
  const statement = `
    WITH matching AS MATERIALIZED (SELECT k.id, k.scopes, k.revoked_at IS NULL AS unrevoked FROM keys k WHERE ${conditions}),
    open AS (SELECT id, scopes FROM matching WHERE unrevoked)
    SELECT (SELECT count(*) FROM matching) AS matched, (SELECT count(*) FROM open) AS unrevoked,
      ARRAY(SELECT id FROM open ORDER BY id DESC LIMIT ${MATCHING_SAMPLE}) AS sample, ${MINTMARK_SCOPES_OF('open')} AS scopes`;
  const [row = none()] = await longStatement<MatchingRow>(manager, statement, values, LIMIT_MS);
  return { matched: Number(row.matched), unrevoked: Number(row.unrevoked), sample: row.sample, mintmarkScopes: row.scopes };
}

/**
 * As in every change: the rows of the keys, the head of the account's chain, then the webhooks. Times never run back along it.
 */
const TOLD = `
  head AS MATERIALIZED (
    SELECT h.account_id, greatest(h.at, date_trunc('milliseconds', clock_timestamp())) AS at
    FROM audit_heads h CROSS JOIN ids WHERE h.account_id = :accountId FOR NO KEY UPDATE OF h
  ), subscribed AS MATERIALIZED (
    SELECT w.id FROM webhooks w JOIN head ON head.account_id = w.account_id WHERE ${isSubscribed('key.revoked')} FOR KEY SHARE OF w
  ), told AS (${tellOfEach({
    event: 'key.revoked',
    ids: 'CAST(:eventIds AS text)',
    at: 'head.at',
    details: `jsonb_build_object('reason', CAST(:reason AS text))`,
    keys: 'revoked key CROSS JOIN head WHERE true',
  })})`;

/** Rows are locked in the order of their ids, so that two revocations of the same keys can't lock each other out. */
const revoking = (conditions: string) => `
  WITH former AS (SELECT count(*) AS number FROM keys k WHERE ${conditions} AND k.revoked_at IS NOT NULL),
  locked AS MATERIALIZED (
    SELECT k.id FROM keys k WHERE ${conditions} AND k.revoked_at IS NULL ORDER BY k.id FOR NO KEY UPDATE
  ), revoked AS (
    UPDATE keys SET revoked_at = clock_timestamp(), revocation_reason = :reason, revocation_description = :description,
      revoked_in = :revocationId
    FROM locked WHERE keys.id = locked.id
    RETURNING keys.id, keys.scopes, keys.name, keys.owner_id, keys.environment, keys.expires_at
  ), ids AS (SELECT count(*) AS number, array_agg(id ORDER BY id) AS list FROM revoked), ${TOLD}
  SELECT former.number AS former, ids.number AS revoked, ${MINTMARK_SCOPES_OF('revoked')} AS scopes,
    CASE WHEN ids.number <= ${MAX_RECORDED_IDS} THEN coalesce(ids.list, '{}') END AS ids,
    CASE WHEN ids.number > ${MAX_RECORDED_IDS}
      THEN encode(sha256(convert_to(array_to_string(ids.list, ','), 'UTF8')), 'hex') END AS digest
  FROM former, ids`;

/** Revokes the keys that a filter leaves, as the port has it. */
export async function revokeMatchingKeys(
  manager: EntityManager,
  { accountId, filter }: { readonly accountId: string; readonly filter: KeyFilter },
  { reason, description }: Revocation,
  assertMay: (mintmarkScopes: readonly string[]) => void,
  by: Attribution,
): Promise<RevokedKeys> {
  const { conditions, values } = wantedKeys(accountId, filter);
  const revocationId = newId('rev');
  const asked = { ...values, reason, description, revocationId, eventIds: idsAtOnce('msg') };
  const [row = none()] = await longStatement<RevokedRow>(manager, revoking(conditions), asked, LIMIT_MS);
  assertMay(row.scopes);
  const revoked = Number(row.revoked);
  const keys = row.ids === null ? { digest: row.digest } : { ids: row.ids };
  const after: AuditedState = { filter, revocationReason: reason, revocationDescription: description, revoked, ...keys };
  const target = { type: 'revocation', id: revocationId } as const;
  await putDown(manager, { accountId, action: 'keys.revoked', target, before: null, after }, by);
  return { matched: Number(row.former) + revoked, revoked, change: await noteChange(manager, { kind: 'account', accountId }) };
}

interface MatchingRow {
  readonly matched: string;
  readonly unrevoked: string;
  readonly sample: string[];
  readonly scopes: string[];
}

interface RevokedRow {
  readonly former: string;
  readonly revoked: string;
  readonly scopes: string[];
  /** Null: they are too many. */
  readonly ids: string[] | null;
  readonly digest: string | null;
}

function none(): never {
  throw new StoreError('a statement that always answers with a row answered with none');
}
