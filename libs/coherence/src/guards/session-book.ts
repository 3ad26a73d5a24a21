import type { GuardSession } from './guard-session.js';

/** The sessions there are, findable by whatever a change may name. */
export class SessionBook {
  readonly #byId = new Map<string, GuardSession>();
  readonly #byAccount = new Map<string, Set<GuardSession>>();
  readonly #byServiceKey = new Map<string, Set<GuardSession>>();

  get size(): number {
    return this.#byId.size;
  }

  add(session: GuardSession): void {
    this.#byId.set(session.id, session);
    addTo(this.#byAccount, session.service.accountId, session);
    addTo(this.#byServiceKey, session.service.keyId, session);
  }

  delete(session: GuardSession): void {
    this.#byId.delete(session.id);
    deleteFrom(this.#byAccount, session.service.accountId, session);
    deleteFrom(this.#byServiceKey, session.service.keyId, session);
  }

  get(id: string): GuardSession | undefined {
    return this.#byId.get(id);
  }

  all(): readonly GuardSession[] {
    return [...this.#byId.values()];
  }

  /** How many of the account, and of the service key. */
  counts(accountId: string, keyId: string): { readonly ofAccount: number; readonly ofServiceKey: number } {
    return { ofAccount: this.#byAccount.get(accountId)?.size ?? 0, ofServiceKey: this.#byServiceKey.get(keyId)?.size ?? 0 };
  }

  ofAccount(accountId: string): readonly GuardSession[] {
    return [...(this.#byAccount.get(accountId) ?? [])];
  }

  ofServiceKey(keyId: string): readonly GuardSession[] {
    return [...(this.#byServiceKey.get(keyId) ?? [])];
  }
}

function addTo(groups: Map<string, Set<GuardSession>>, name: string, session: GuardSession): void {
  const group = groups.get(name);
  if (group === undefined) groups.set(name, new Set([session]));
  else group.add(session);
}

function deleteFrom(groups: Map<string, Set<GuardSession>>, name: string, session: GuardSession): void {
  const group = groups.get(name);
  group?.delete(session);
  if (group?.size === 0) groups.delete(name);
}
