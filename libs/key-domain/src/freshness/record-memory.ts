import type { KeyRecord } from '../key/key-record.js';
import type { LoggedChange } from './logged-change.js';

/** Remembered of one token: the record of its secret, or that there is none. */
export interface Remembered<Source> {
  /** Null: nothing is stored under the token's digests. */
  readonly record: KeyRecord | null;
  /** Blinded names of the token's digests, where nothing was found under them; empty otherwise. */
  readonly handles: readonly string[];
  /** Whose word it is. */
  readonly source: Source;
}

/** A map that keeps within bounds by itself, and says what it lets go; what is too large for it never enters. */
export interface BoundedMap<Value> {
  get(name: string): Value | undefined;
  set(name: string, value: Value): unknown;
  delete(name: string): boolean;
  clear(): void;
  readonly size: number;
}

interface Entry<Source> extends Remembered<Source> {
  readonly account: AccountGeneration | null;
  readonly generation: number;
}

/** Counts the changes of an account as a whole, so that one of them ends a million entries at once. */
interface AccountGeneration {
  readonly id: string;
  value: number;
  entries: number;
}

/**
 * Records by the SHA-256 of their tokens. What stands in it has not been changed since: every change of the log
 * must be passed to `forget`, in order, before anything is answered under it. It keeps tokens in no form.
 */
export class RecordMemory<Source = undefined> {
  readonly #entries: BoundedMap<Entry<Source>>;
  readonly #namesOfKey = new Map<string, string | Set<string>>();
  readonly #nameOfHandle = new Map<string, string>();
  readonly #accounts = new Map<string, AccountGeneration>();

  /** @param bounded makes the map that holds the entries; it calls `onLeave` for each that leaves, whyever */
  constructor(bounded: (onLeave: (entry: Remembered<Source>, name: string) => void) => BoundedMap<Remembered<Source>>) {
    this.#entries = bounded((entry, name) => {
      this.#unlink(entry as Entry<Source>, name);
    }) as BoundedMap<Entry<Source>>;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @param name the SHA-256's bytes as a Latin-1 text */
  get(name: string): Remembered<Source> | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.account === null || entry.account.value === entry.generation) return entry;
    this.#entries.delete(name);
    return undefined;
  }

  set(name: string, { record, handles, source }: Remembered<Source>): void {
    this.#entries.delete(name);
    const account = record === null ? null : this.#accountOf(record.accountId);
    const entry: Entry<Source> = { record, handles, source, account, generation: account?.value ?? 0 };
    if (record !== null) this.#linkKey(record.keyId, name);
    if (account !== null) account.entries += 1;
    for (const handle of handles) this.#linkHandle(handle, name);
    this.#entries.set(name, entry);
    if (this.#entries.get(name) !== entry) this.#unlink(entry, name);
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  forget({ scope, handles }: Pick<LoggedChange, 'scope' | 'handles'>): void {
    if (scope.kind === 'all') {
      this.clear();
      return;
    }
    if (scope.kind === 'key') this.#forgetKey(scope.keyId);
    else this.#forgetAccount(scope.accountId);
    for (const handle of handles) {
      const name = this.#nameOfHandle.get(handle);
      if (name !== undefined) this.#entries.delete(name);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#namesOfKey.clear();
    this.#nameOfHandle.clear();
    this.#accounts.clear();
  }

  #forgetKey(keyId: string): void {
    const names = this.#namesOfKey.get(keyId);
    if (names === undefined) return;
    for (const name of typeof names === 'string' ? [names] : [...names]) this.#entries.delete(name);
  }

  #forgetAccount(accountId: string): void {
    const account = this.#accounts.get(accountId);
    if (account !== undefined) account.value += 1;
  }

  #accountOf(id: string): AccountGeneration {
    const known = this.#accounts.get(id);
    if (known !== undefined) return known;
    const account = { id, value: 0, entries: 0 };
    this.#accounts.set(id, account);
    return account;
  }

  #linkKey(keyId: string, name: string): void {
    const names = this.#namesOfKey.get(keyId);
    if (names === undefined) this.#namesOfKey.set(keyId, name);
    else if (typeof names !== 'string') names.add(name);
    else if (names !== name) this.#namesOfKey.set(keyId, new Set([names, name]));
  }

  /** A handle names one entry: of two that share it, which chance hardly brings about, the older one makes way. */
  #linkHandle(handle: string, name: string): void {
    const other = this.#nameOfHandle.get(handle);
    if (other !== undefined) this.#entries.delete(other);
    this.#nameOfHandle.set(handle, name);
  }

  #unlink({ record, handles, account }: Entry<Source>, name: string): void {
    if (record !== null) this.#unlinkKey(record.keyId, name);
    for (const handle of handles) if (this.#nameOfHandle.get(handle) === name) this.#nameOfHandle.delete(handle);
    if (account === null) return;
    account.entries -= 1;
    if (account.entries === 0 && this.#accounts.get(account.id) === account) this.#accounts.delete(account.id);
  }

  #unlinkKey(keyId: string, name: string): void {
    const names = this.#namesOfKey.get(keyId);
    if (names === name) this.#namesOfKey.delete(keyId);
    if (names === undefined || typeof names === 'string') return;
    names.delete(name);
    if (names.size === 0) this.#namesOfKey.delete(keyId);
  }
}
