import type { TokenQuestion } from '#libs/verification';
import type { SimProcess } from '../engine/process.js';
import type { Outcome } from '../history.js';
import type { World } from '../world.js';
import type { SimKey } from './keys.js';
import type { Verifier } from './verifier.js';

/** A service that asks verifiers about tokens and keeps nothing. Each answer is held against the history. */
export class Service {
  readonly process: SimProcess;
  /** Calls that were answered. */
  answers = 0;

  constructor(
    private readonly world: World,
    readonly name: string,
    private readonly key: SimKey,
  ) {
    this.process = world.process(world.machine(name));
  }

  /** Asks one verifier about tokens of one account, all in one call. */
  ask(verifier: Verifier, keys: readonly SimKey[], requiredScopes: readonly string[]): void {
    const { network, history } = this.world;
    const sent = keys.map(({ keyId }) =>
      history.send({ at: this.world.now, keyId, serviceKeyId: this.key.keyId, requiredScopes }),
    );
    const questions = keys.map((key) => questionOf(key, requiredScopes));
    const life = verifier.reached();
    network.send(this.process, life.process, () => {
      void life.answer(this.key.token, questions).then((outcomes) => {
        this.world.trace(
          verifier.name,
          () => `answers ${sent.map(({ id, keyId }) => `${id} ${keyId}`).join()}: ${outcomes.join()}`,
        );
        network.send(life.process, this.process, () => {
          this.answers += 1;
          this.#check(sent, outcomes);
        });
      });
    });
  }

  #check(sent: readonly ReturnType<World['history']['send']>[], outcomes: readonly Outcome[]): void {
    try {
      for (const [index, one] of sent.entries()) this.world.history.check(one, outcomes[index] ?? '', this.world.now);
    } catch (error) {
      this.world.fail(error);
    }
  }
}

export function questionOf({ sha256 }: SimKey, requiredScopes: readonly string[]): TokenQuestion {
  return { credential: { sha256 }, requiredScopes, productId: '', clientIp: '', environment: '', cost: 1 };
}
