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
    private readonly installation: Pick<Installation, 'services' | 'accounts' | 'verifiers'>,
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
  }

  #askOne(): void {
    const { services, accounts, verifiers } = this.installation;
    const index = this.#random.below(services.length);
    const [service, account] = [services[index], accounts[index]];
    if (service === undefined || account === undefined) return;
    this.#count += 1;
    const keys = this.#random.chance(0.1) ? account.keys : [this.#random.pick(account.keys)];
    service.ask(this.#random.pick(verifiers), keys, this.#random.pick(SCOPES));
  }
}
