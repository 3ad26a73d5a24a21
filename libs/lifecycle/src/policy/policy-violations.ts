import { Inject, Injectable } from '@nestjs/common';
import { CatalogueStore, type Grantor, type Key, keyStatus, KeyStore, type Role } from '#libs/key-domain';
import { readCursor, writeCursor } from '../paging/cursor.js';
import type { Page, PageRequest } from '../paging/page.js';
import { type PolicyFault, policyFaults } from './policy-faults.js';

/** A key that was made before the policy, or under another one, and how it breaks the present one. */
export interface Violation {
  readonly key: Key;
  readonly faults: readonly PolicyFault[];
  /** When it was neither revoked nor expired. */
  readonly now: Date;
}

const KEY_ID = /^key_[0-9a-z]{1,60}$/;
const READ_AT_ONCE = 200;

/** So that a call takes a bounded time, however few of however many keys break the policy. */
const MOST_READ = 5_000;

/** The keys that break their account's policy and go on all the same. */
@Injectable()
export class PolicyViolations {
  constructor(
    @Inject(KeyStore) private readonly keys: KeyStore,
    @Inject(CatalogueStore) private readonly catalogue: CatalogueStore,
  ) {}

  /**
   * Newest first; a page may be short, or empty, and not the last. Keys that are revoked or expired break nothing.
   * @throws InvalidRequestError at `cursor`
   */
  async list(accountId: string, { limit, cursor }: PageRequest): Promise<Page<Violation>> {
    const violations: Violation[] = [];
    let before = cursor === null ? null : readCursor(cursor, (text) => KEY_ID.test(text));
    for (let read = 0; read < MOST_READ; read += READ_AT_ONCE) {
      const { keys, hasMore, now } = await this.keys.list(accountId, {}, { limit: READ_AT_ONCE, before });
      violations.push(...(await this.#among(accountId, keys, now)));
      const last = violations[limit - 1];
      const isLast = violations.length === limit && !hasMore && last?.key.id === keys.at(-1)?.id;
      if (last !== undefined) return { items: violations.slice(0, limit), nextCursor: isLast ? null : writeCursor(last.key.id) };
      before = keys.at(-1)?.id ?? null;
      if (!hasMore || before === null) return { items: violations, nextCursor: null };
    }
    return { items: violations, nextCursor: before === null ? null : writeCursor(before) };
  }

  async #among(accountId: string, keys: readonly Key[], now: Date): Promise<Violation[]> {
    const makers = keys.flatMap(({ createdBy }) => (createdBy.type === 'person' ? [createdBy.id] : []));
    const [policy, roles] = await Promise.all([
      this.catalogue.policy(accountId),
      this.catalogue.rolesOf(accountId, [...new Set(makers)]),
    ]);
    return keys
      .filter((key) => ['active', 'disabled'].includes(keyStatus(key, now)))
      .map((key) => ({ key, now, faults: policyFaults(policy, grantorOf(key, roles), key) }))
      .filter(({ faults }) => faults.length > 0);
  }
}

/** Null: Mintmark itself, or somebody who is no member of the account any more. */
function grantorOf({ createdBy }: Key, roles: ReadonlyMap<string, Role>): Grantor | null {
  if (createdBy.type === 'key') return 'managementKey';
  return createdBy.type === 'person' ? (roles.get(createdBy.id) ?? null) : null;
}
