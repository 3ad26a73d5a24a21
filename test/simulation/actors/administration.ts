import type { Random } from '../engine/random.js';
import type { Edit, KeyEdit } from '../model/store.js';
import type { World } from '../world.js';
import { FIRST_KEYS } from '../installation.js';
import type { Admin } from './admin.js';
import type { SimAccount, SimKey } from './keys.js';

export interface AdministrationOptions {
  readonly accounts: readonly SimAccount[];
  /** No call is begun after this, in true milliseconds. */
  readonly until: number;
  /** Milliseconds between two calls, on average. */
  readonly pause: number;
  /** Asks everybody about keys: what a call has just changed is what somebody may have missed. */
  readonly ask: (keys: readonly SimKey[]) => void;
}

/** A call that got no answer is repeated, perhaps at another admin, after so many milliseconds at most. */
const IMPATIENCE_MS = 4_000;

/** People and automation at their work: they change what they like, and repeat what was not answered. */
export class Administration {
  readonly #random: Random;
  #created = FIRST_KEYS;

  constructor(
    private readonly world: World,
    private readonly admins: readonly Admin[],
    private readonly options: AdministrationOptions,
  ) {
    this.#random = world.random.fork();
  }

  start(): void {
    const next = () => {
      if (this.world.now > this.options.until) return;
      const keys = this.options.accounts.flatMap((account) => account.keys.slice(0, this.#created));
      this.#perform(this.#edit(), keys, 3);
      this.world.scheduler.after(this.#random.between(0, 2 * this.options.pause), next);
    };
    this.world.scheduler.after(this.#random.between(200, 1_000), next);
  }

  #perform(edit: Edit, keys: readonly SimKey[], attempts: number): void {
    const touched = keysOf(edit, keys);
    if (this.#random.chance(0.5)) this.options.ask(touched);
    let answered = false;
    const again = () => {
      const isTime = this.world.now < this.options.until + IMPATIENCE_MS;
      if (!answered && isTime && attempts > 1 && this.#random.chance(0.8)) this.#perform(edit, keys, attempts - 1);
      answered = true;
    };
    void this.#random
      .pick(this.admins)
      .perform(edit)
      .then((end) => {
        if (!end.isInForce) {
          this.world.scheduler.after(this.#random.between(0, 500), again);
          return;
        }
        answered = true;
        this.world.scheduler.after(this.#random.between(0, 2), () => {
          this.options.ask(touched);
        });
      });
    this.world.scheduler.after(this.#random.between(0.3, 1) * IMPATIENCE_MS, again);
  }

  #edit(): Edit {
    const random = this.#random;
    const account = random.pick(this.options.accounts);
    if (random.chance(0.03)) return { of: 'all', enabled: random.chance(0.5) };
    if (random.chance(0.12)) return { of: 'account', accountId: account.accountId, suspended: random.chance(0.5) };
    if (random.chance(0.02))
      return { of: 'key', keyId: account.service.keyId, edit: { kind: random.pick(['enable', 'disable']) } };
    const uncreated = account.keys[this.#created];
    if (random.chance(0.2) && uncreated !== undefined) {
      this.#created += 1;
      return { of: 'creation', ...uncreated };
    }
    return { of: 'key', keyId: random.pick(account.keys.slice(0, this.#created)).keyId, edit: this.#keyEdit() };
  }

  #keyEdit(): KeyEdit {
    const random = this.#random;
    const kind = random.pick([
      'revoke',
      'delete',
      'enable',
      'disable',
      'disable',
      'enable',
      'scopes',
      'scopes',
      'expire',
    ] as const);
    if (kind === 'scopes') return { kind, scopes: random.some(['garments:read', 'garments:write'], 0.5) };
    if (kind === 'expire') return { kind, at: this.world.postgresTime() + random.between(-500, 4_000) };
    return { kind };
  }
}

function keysOf(edit: Edit, keys: readonly SimKey[]): readonly SimKey[] {
  switch (edit.of) {
    case 'key':
      return keys.filter(({ keyId }) => keyId === edit.keyId);
    case 'creation':
      return [edit];
    case 'account':
      return keys.filter(({ accountId }) => accountId === edit.accountId);
    case 'all':
      return keys;
  }
}
