import { type ChangeScope, type CommittedChange, type KeyRecord, lookupHandle, type PepperedDigest } from '#libs/key-domain';
import type { SimKey } from '../actors/keys.js';
import type { ModelJournal } from '../model-log.js';

/** What an administrator may do to one key. */
export type KeyEdit =
  | { readonly kind: 'revoke' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'enable' }
  | { readonly kind: 'disable' }
  | { readonly kind: 'scopes'; readonly scopes: readonly string[] }
  | { readonly kind: 'expire'; readonly at: number };

export type Edit =
  | { readonly of: 'key'; readonly keyId: string; readonly edit: KeyEdit }
  | ({ readonly of: 'creation' } & SimKey)
  | { readonly of: 'account'; readonly accountId: string; readonly suspended: boolean }
  | { readonly of: 'all'; readonly enabled: boolean };

/** What a call found: it waits for this change. */
export interface Edited {
  /** Its own, or the last one of a key about which there is nothing more to change; null: there never was any. */
  readonly change: CommittedChange | null;
  /** Whether things had been before as the call wants them, or can't be so any more. */
  readonly isRepeated: boolean;
}

export interface StoredKey {
  readonly digest: PepperedDigest;
  readonly record: KeyRecord;
}

/** Told of every commit, with the keys whose records it made others; null: deleted. */
export type OnCommit = (change: CommittedChange, touched: ReadonlyMap<string, KeyRecord | null>) => void;

/** What the primary holds. Each call is one transaction at the moment of its commit. */
export class Store {
  readonly #keys = new Map<string, StoredKey>();
  readonly #digests = new Map<string, string>();
  readonly #suspended = new Set<string>();
  readonly #lastChange = new Map<string, CommittedChange>();

  readonly #edits: Edit[] = [];
  #follow: (edit: Edit) => void = () => undefined;

  constructor(
    readonly journal: ModelJournal,
    private readonly onCommit: OnCommit,
  ) {}

  /** Hands on every edit so far, and from now on. */
  replicate(follow: (edit: Edit) => void): void {
    for (const edit of this.#edits) follow(edit);
    this.#follow = follow;
  }

  find(digests: readonly Uint8Array[]): readonly StoredKey[] {
    return digests.flatMap((digest) => {
      const keyId = this.#digests.get(hex(digest));
      const stored = keyId === undefined ? undefined : this.#keys.get(keyId);
      return stored === undefined ? [] : [{ ...stored, record: this.#whole(stored.record) }];
    });
  }

  edit(edit: Edit): Edited {
    this.#edits.push(edit);
    this.#follow(edit);
    switch (edit.of) {
      case 'key':
        return this.#editKey(edit.keyId, edit.edit);
      case 'creation':
        return this.#create(edit);
      case 'account':
        if (edit.suspended) this.#suspended.add(edit.accountId);
        else this.#suspended.delete(edit.accountId);
        return { change: this.#commit({ kind: 'account', accountId: edit.accountId }), isRepeated: false };
      case 'all':
        this.#enableAll(edit.enabled);
        return { change: this.#commit({ kind: 'all' }), isRepeated: false };
    }
  }

  #enableAll(enabled: boolean): void {
    for (const [id, key] of this.#keys) {
      if (!isService(key.record)) this.#keys.set(id, { ...key, record: { ...key.record, enabled } });
    }
  }

  #editKey(keyId: string, edit: KeyEdit): Edited {
    const key = this.#keys.get(keyId);
    const isFinal = edit.kind === 'revoke' || edit.kind === 'delete';
    if (key === undefined || (key.record.revoked && !isFinal)) {
      return { change: this.#lastChange.get(keyId) ?? null, isRepeated: true };
    }
    if (edit.kind === 'delete') this.#keys.delete(keyId);
    else this.#keys.set(keyId, { ...key, record: edited(key.record, edit) });
    const change = this.#commit({ kind: 'key', accountId: key.record.accountId, keyId });
    return { change, isRepeated: key.record.revoked };
  }

  #create({ keyId, accountId, digest }: Extract<Edit, { of: 'creation' }>): Edited {
    const known = this.#lastChange.get(keyId);
    if (known !== undefined) return { change: known, isRepeated: true };
    this.#keys.set(keyId, { digest, record: { ...GOOD, keyId, secretId: `sec_${keyId}`, accountId } });
    this.#digests.set(hex(digest.digest), keyId);
    const change = this.#commit({ kind: 'key', accountId, keyId }, [lookupHandle(digest.digest)]);
    return { change, isRepeated: false };
  }

  #commit(scope: ChangeScope, handles: readonly string[] = []): CommittedChange {
    const change = this.journal.commit(scope, handles);
    if (scope.kind === 'key') this.#lastChange.set(scope.keyId, change);
    const touched = new Map<string, KeyRecord | null>();
    if (scope.kind === 'key') touched.set(scope.keyId, null);
    for (const [id, { record }] of this.#keys) if (isTouched(record, scope)) touched.set(id, this.#whole(record));
    this.onCommit(change, touched);
    return change;
  }

  #whole(record: KeyRecord): KeyRecord {
    return this.#suspended.has(record.accountId) ? { ...record, accountSuspended: true } : record;
  }
}

function isService({ scopes }: KeyRecord): boolean {
  return scopes.includes('mintmark:tokens:verify');
}

function isTouched(record: KeyRecord, scope: ChangeScope): boolean {
  if (scope.kind === 'all') return true;
  return scope.kind === 'account' ? record.accountId === scope.accountId : record.keyId === scope.keyId;
}

function edited(record: KeyRecord, edit: Exclude<KeyEdit, { kind: 'delete' }>): KeyRecord {
  switch (edit.kind) {
    case 'revoke':
      return { ...record, revoked: true };
    case 'enable':
      return { ...record, enabled: true };
    case 'disable':
      return { ...record, enabled: false };
    case 'scopes':
      return { ...record, scopes: edit.scopes };
    case 'expire':
      return { ...record, expiresAt: edit.at };
  }
}

const GOOD: Omit<KeyRecord, 'keyId' | 'secretId' | 'accountId'> = {
  accountSuspended: false,
  ownerId: null,
  name: 'a key',
  environment: 'live',
  scopes: ['garments:read', 'garments:write'],
  products: [],
  allowedCidrs: [],
  metadata: {},
  limits: null,
  enabled: true,
  revoked: false,
  expiresAt: null,
};

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
