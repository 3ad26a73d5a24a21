import {
  type Attribution,
  type AuditedState,
  type ChangeScope,
  type CommittedChange,
  type ImportedBatch,
  type ImportedKey,
  type ImportOutcome,
  type KeyImportStore,
  isMintmarkScope,
  lookupHandle,
  MAX_RECORDED_IDS,
  newId,
  OfferChangedError,
  UnavailableError,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, longStatement } from '../connection/database.js';
import { ConstraintViolation, onViolation, StoreError } from '../connection/store-error.js';
import { putDown } from './audit-trail.js';
import { noteChange } from './change-journal.js';
import { tellOfCreated } from './events-of-keys.js';
import { insertImported, insertLines, type NewLine } from './import-rows.js';
import { Turns } from './turns.js';
import { assertOffered } from './offer-version.js';

/** Two imports into one account go batch by batch; keys are issued meanwhile. */
const TAKE_TURNS = 'SELECT FROM accounts WHERE id = :accountId FOR NO KEY UPDATE';
const HOLDS_IMPORTED = `
  SELECT EXISTS (SELECT FROM secrets WHERE account_id = $1 AND imported) AS holds, clock_timestamp() AS now`;
const FIND_DIGESTS = `
  SELECT encode(digest, 'hex') AS digest, account_id AS "accountId", key_id AS "keyId"
  FROM secrets WHERE digest = ANY ($1::bytea[])`;
const FIND_LINES = `
  SELECT line_key AS "lineKey", key_id AS "keyId", encode(digest, 'hex') AS digest
  FROM import_lines WHERE account_id = $1 AND line_key = ANY ($2::text[])`;

/** What another transaction may have stored since it was looked for. */
const RACES = ['secrets_digest_key', 'import_lines_pkey'];
const ATTEMPTS = 5;

/** A batch waits for those of the same account before it this many milliseconds at most, here and in other processes. */
const TURN_LIMIT_MS = 30_000;
const LATE = 'Too much is being imported into the account at the moment.';

interface Stored {
  readonly accountId: string;
  readonly keyId: string;
}

interface Line {
  readonly keyId: string;
  readonly digest: string;
}

@Injectable()
export class PostgresKeyImportStore implements KeyImportStore {
  readonly #turns = new Turns(TURN_LIMIT_MS, LATE);

  constructor(private readonly database: Database) {}

  importKeys(
    accountId: string,
    keys: readonly ImportedKey[],
    anew: boolean,
    by: Attribution,
    offer?: number,
  ): Promise<ImportedBatch> {
    return this.#turns.take(accountId, () => this.#importInTurn(accountId, keys, anew, by, offer));
  }

  async #importInTurn(
    accountId: string,
    keys: readonly ImportedKey[],
    anew: boolean,
    by: Attribution,
    offer: number | undefined,
  ): Promise<ImportedBatch> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      try {
        return await this.database
          .transaction((manager) => importBatch(manager, accountId, keys, anew, by, offer))
          .catch(onViolation({ keys_account_id_format_fkey: () => new OfferChangedError() }));
      } catch (error) {
        if (!(error instanceof ConstraintViolation) || !RACES.includes(error.constraint)) throw error;
      }
    }
    throw new UnavailableError('The same keys are being imported elsewhere at the moment.', { detail: 'no turn at a digest' });
  }
}

async function importBatch(
  manager: EntityManager,
  accountId: string,
  keys: readonly ImportedKey[],
  anew: boolean,
  by: Attribution,
  offer: number | undefined,
): Promise<ImportedBatch> {
  await longStatement(manager, TAKE_TURNS, { accountId }, TURN_LIMIT_MS);
  const [account] = await manager.query<{ holds: boolean; now: Date }[]>(HOLDS_IMPORTED, [accountId]);
  if (account === undefined) throw new StoreError('a SELECT without FROM gave no row');
  const { outcomes, fresh, lines } = await sort(manager, accountId, keys);
  const importId = newId('imp');
  await insertImported(manager, fresh, importId, account.now, by.actor);
  await insertLines(manager, accountId, lines);
  if (fresh.length > 0) {
    await putDownImport(manager, accountId, fresh, importId, by);
    await assertOffered(manager, accountId, offer);
  }
  return { outcomes, change: await noteImport(manager, accountId, keys, outcomes, anew || !account.holds) };
}

/** Tells keys that are new from those that are there, or stand in the batch before. */
async function sort(manager: EntityManager, accountId: string, keys: readonly ImportedKey[]) {
  const digests = keys.flatMap((key) => key.digests.map(({ digest }) => digest));
  const named = keys.flatMap(({ lineKey }) => lineKey ?? []);
  const found = await manager.query<(Stored & { digest: string })[]>(FIND_DIGESTS, [digests]);
  const known = named.length === 0 ? [] : await manager.query<(Line & { lineKey: string })[]>(FIND_LINES, [accountId, named]);
  const stored = new Map<string, Stored>(found.map((one) => [one.digest, one]));
  const byLine = new Map<string, Line>(known.map((one) => [one.lineKey, one]));
  const fresh: ImportedKey[] = [];
  const lines: NewLine[] = [];

  const outcomes = keys.map((key): ImportOutcome => {
    const names = key.digests.map(({ digest }) => digest.toString('hex'));
    const line = key.lineKey === null ? undefined : byLine.get(key.lineKey);
    if (line !== undefined) return names.includes(line.digest) ? existing(line.keyId) : { kind: 'other_line' };
    const match = names.map((name) => stored.get(name)).find((one) => one !== undefined);
    if (match !== undefined && match.accountId !== accountId) return { kind: 'taken' };
    const keyId = match?.keyId ?? key.id;
    const { digest } = key.secret.digest;
    if (key.lineKey !== null) {
      lines.push({ lineKey: key.lineKey, keyId, digest });
      byLine.set(key.lineKey, { keyId, digest: digest.toString('hex') });
    }
    if (match !== undefined) return existing(keyId);
    fresh.push(key);
    stored.set(digest.toString('hex'), { accountId, keyId });
    return { kind: 'imported', keyId };
  });
  return { outcomes, fresh, lines };
}

function existing(keyId: string): ImportOutcome {
  return { kind: 'existing', keyId };
}

/** Of every key its id is in the record: where they are too many for one entry, in several of one target. */
async function putDownImport(
  manager: EntityManager,
  accountId: string,
  fresh: readonly ImportedKey[],
  importId: string,
  by: Attribution,
): Promise<void> {
  const target = { type: 'import', id: importId } as const;
  for (let start = 0; start < fresh.length; start += MAX_RECORDED_IDS) {
    const after = recorded(fresh.slice(start, start + MAX_RECORDED_IDS));
    await putDown(manager, { accountId, action: 'keys.imported', target, before: null, after }, by);
  }
  await tellOfCreated(manager, accountId, idsOf(fresh));
}

function recorded(keys: readonly ImportedKey[]): AuditedState {
  return {
    count: keys.length,
    scopes: eachOnce(keys.flatMap(({ scopes }) => scopes)),
    products: eachOnce(keys.flatMap(({ products }) => (products === 'all' ? ['all'] : products))),
    environments: eachOnce(keys.map(({ environment }) => environment)),
    keys: idsOf(keys),
    keysOfEveryScope: idsOf(keys.filter(({ scopes }) => scopes.includes('*'))),
    keysOfMintmarkScopes: idsOf(keys.filter(({ scopes }) => scopes.some(isMintmarkScope))),
  };
}

function idsOf(keys: readonly ImportedKey[]): readonly string[] {
  return keys.map(({ id }) => id);
}

function eachOnce<Text extends string | null>(texts: readonly Text[]): readonly Text[] {
  return [...new Set(texts)].sort();
}

/** New keys are remembered nowhere, so that one of them stands for all: what has to be forgotten is named by its digests. */
async function noteImport(
  manager: EntityManager,
  accountId: string,
  keys: readonly ImportedKey[],
  outcomes: readonly ImportOutcome[],
  ofAccount: boolean,
): Promise<CommittedChange | null> {
  const handles: string[] = [];
  let last: string | null = null;
  for (const [index, outcome] of outcomes.entries()) {
    const key = keys[index];
    if (key === undefined || !('keyId' in outcome)) continue;
    handles.push(lookupHandle(key.secret.digest.digest));
    last = outcome.keyId;
  }
  if (last === null) return null;
  const scope: ChangeScope = ofAccount ? { kind: 'account', accountId } : { kind: 'key', accountId, keyId: last };
  return noteChange(manager, scope, handles);
}
