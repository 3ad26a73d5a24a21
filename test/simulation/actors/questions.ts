import type { Random } from '../engine/random.js';
import type { Installation } from '../installation.js';
import type { World } from '../world.js';
import type { SimKey } from './keys.js';

const SCOPES: readonly (readonly string[])[] = [[], ['garments:read'], ['garments:write']];

/** What end users cause to be asked. */
export class Questions {
  readonly #random: Random;
  #count = 0;

  constructor(
    private readonly world: World,
    private readonly installation: Pick<Installation, 'services' | 'accounts' | 'verifiers' | 'guards'>,
    private readonly options: { readonly pause: number; readonly until: number },
  ) {
    this.#random = world.random.fork();
  }

  get count(): number {
    return this.#count;
  }

  start(): void {
    const next = () => {
      this.#askOne();
      if (this.world.now < this.options.until) this.world.scheduler.after(this.#random.between(0, 2 * this.options.pause), next);
    };
    this.world.scheduler.at(50, next);
  }

  /** Everybody is asked at once: what a call has just changed is what somebody may have missed. */
  askEverybody(keys: readonly SimKey[]): void {
    const { services, accounts, verifiers } = this.installation;
    for (const [index, service] of services.entries()) {
      const own = keys.filter((key) => key.accountId === accounts[index]?.accountId);
      if (own.length === 0) continue;
      this.#count += verifiers.length;
      for (const verifier of verifiers) service.ask(verifier, own, []);
    }
    for (const guard of this.installation.guards) {
      for (const key of keys) if (key.accountId === guard.account.accountId) guard.ask(key, []);
    }
  }

  #askOne(): void {
    const { guards } = this.installation;
    if (guards.length > 0 && this.#random.chance(0.6)) {
      const guard = this.#random.pick(guards);
      this.#count += 1;
      guard.ask(this.#likely(guard.account.keys), this.#random.pick(SCOPES));
    } else this.#askVerifier();
  }

  #askVerifier(): void {
    const { services, accounts, verifiers } = this.installation;
    const index = this.#random.below(services.length);
    const [service, account] = [services[index], accounts[index]];
    if (service === undefined || account === undefined) return;
    this.#count += 1;
    const keys = this.#random.chance(0.1) ? account.keys : [this.#likely(account.keys)];
    service.ask(this.#random.pick(verifiers), keys, this.#random.pick(SCOPES));
  }

  /** Most often one of the first, which are there. */
  #likely(keys: readonly SimKey[]): SimKey {
    return this.#random.pick(this.#random.chance(0.7) ? keys.slice(0, 4) : keys);
  }
}
