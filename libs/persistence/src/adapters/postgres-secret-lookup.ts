import type { FoundSecret, Metadata, SecretLookup, SecretLookupResult } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { Database, type PreparedStatement } from '../connection/database.js';
import { StoreError } from '../connection/store-error.js';

/**
 * Every verification runs one of these statements. The clock stands on the left of the join, so that it answers also
 * where nothing is found. LEAST passes over NULL.
 * @param matches the condition on the digest, in SQL
 */
function findSecrets(name: string, matches: string): PreparedStatement {
  return {
    name,
    text: `
      SELECT clock.now, s.digest, s.pepper_id, s.id AS secret_id, k.id AS key_id, k.account_id, k.owner_id, k.name,
             k.environment, k.scopes, k.all_products, k.product_ids, k.allowed_cidrs, k.metadata, k.enabled,
             a.status = 'suspended' AS account_suspended,
             k.revoked_at IS NOT NULL OR s.revoked_at IS NOT NULL AS revoked,
             (extract(epoch FROM least(k.expires_at, s.ends_at)) * 1000)::float8 AS expires_at
      FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now) AS clock
      LEFT JOIN (secrets s JOIN keys k ON k.id = s.key_id JOIN accounts a ON a.id = k.account_id)
        ON s.digest ${matches}`,
  };
}

/**
 * For a service key and a token, under up to four peppers; for one token under one pepper without an array, which costs
 * an eighth less. Postgres plans these once a connection. A statement whose array may have any length it plans anew
 * each time, which takes several times as long as the look-up.
 */
const FIND_FEW = [
  { size: 1, statement: findSecrets('find_1_secrets', '= $1::bytea') },
  ...[2, 4, 8].map((size) => {
    const parameters = Array.from({ length: size }, (_, index) => `$${index + 1}::bytea`);
    return { size, statement: findSecrets(`find_${size}_secrets`, `= ANY (ARRAY[${parameters.join(', ')}])`) };
  }),
];

const FIND_MANY = findSecrets('find_secrets', '= ANY ($1::bytea[])');

interface ClockRow {
  readonly now: number;
  readonly digest: null;
}

interface SecretRow {
  readonly now: number;
  readonly digest: Buffer;
  readonly pepper_id: string;
  readonly secret_id: string;
  readonly key_id: string;
  readonly account_id: string;
  readonly account_suspended: boolean;
  readonly owner_id: string | null;
  readonly name: string;
  readonly environment: string | null;
  readonly scopes: readonly string[];
  readonly all_products: boolean;
  readonly product_ids: readonly string[];
  readonly allowed_cidrs: readonly string[];
  readonly metadata: Metadata;
  readonly enabled: boolean;
  readonly revoked: boolean;
  readonly expires_at: number | null;
}

@Injectable()
export class PostgresSecretLookup implements SecretLookup {
  constructor(private readonly database: Database) {}

  async find(digests: readonly Uint8Array[]): Promise<SecretLookupResult> {
    const { statement, values } = questionFor(digests.map(toBuffer));
    const rows = await this.database.prepared<ClockRow | SecretRow>(statement, values);
    const [first] = rows;
    if (first === undefined) throw new StoreError('the clock did not answer');
    return { found: rows.filter((row) => row.digest !== null).map(toFoundSecret), now: first.now };
  }
}

function questionFor(digests: readonly Buffer[]): { readonly statement: PreparedStatement; readonly values: readonly unknown[] } {
  const few = FIND_FEW.find(({ size }) => size >= digests.length);
  const last = digests.at(-1);
  if (few === undefined || last === undefined) return { statement: FIND_MANY, values: [digests] };
  return { statement: few.statement, values: Array.from({ length: few.size }, (_, index) => digests[index] ?? last) };
}

function toFoundSecret(row: SecretRow): FoundSecret {
  return {
    digest: row.digest,
    pepperId: row.pepper_id,
    record: {
      keyId: row.key_id,
      secretId: row.secret_id,
      accountId: row.account_id,
      accountSuspended: row.account_suspended,
      ownerId: row.owner_id,
      name: row.name,
      environment: row.environment,
      scopes: row.scopes,
      products: row.all_products ? 'all' : row.product_ids,
      allowedCidrs: row.allowed_cidrs,
      metadata: row.metadata,
      enabled: row.enabled,
      revoked: row.revoked,
      expiresAt: row.expires_at,
    },
  };
}

/** The same bytes, as the driver knows them. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
