import { Inject, Injectable } from '@nestjs/common';
import { type Key, type KeyFilter, KeyStore, NotFoundError } from '#libs/key-domain';
import { readCursor, writeCursor } from '../paging/cursor.js';
import type { Page, PageRequest } from '../paging/page.js';

const KEY_ID = /^key_[0-9a-z]{1,60}$/;

export interface ListedKeys extends Page<Key> {
  /** When they were what the filter asks for: their statuses are to be told by it. */
  readonly now: Date;
}

/** What an account can see of its keys. */
@Injectable()
export class KeyDirectory {
  constructor(@Inject(KeyStore) private readonly keys: KeyStore) {}

  /** @throws NotFoundError where the account has no such key */
  async find(accountId: string, keyId: string): Promise<Key> {
    const key = await this.keys.find(accountId, keyId);
    if (key === null) throw new NotFoundError(NO_SUCH_KEY);
    return key;
  }

  /**
   * Those that the filter leaves, newest first.
   * @throws InvalidRequestError at `cursor`
   */
  async list(accountId: string, filter: KeyFilter, { limit, cursor }: PageRequest): Promise<ListedKeys> {
    const before = cursor === null ? null : readCursor(cursor, (text) => KEY_ID.test(text));
    const { keys, hasMore, now } = await this.keys.list(accountId, filter, { limit, before });
    const last = keys.at(-1);
    return { items: keys, now, nextCursor: hasMore && last !== undefined ? writeCursor(last.id) : null };
  }
}

/** The same for a key that never was, one that is deleted, and one of another account. */
export const NO_SUCH_KEY = 'There is no such key.';
