import type { SimKey } from './actors/keys.js';
import { Violation } from './history.js';
import type { Installation } from './installation.js';
import type { World } from './world.js';

/** Milliseconds: for questions to be answered, for a call that waits a lease out, for one that does not. */
const ANSWERED_MS = 300;
const LEASE_WAITED_MS = 3_000;
const ACKNOWLEDGED_MS = 120;

/**
 * Once nothing fails any more and everything has had time to recover: questions that were asked before are answered
 * without a look-up (G3), and a change is in force by acknowledgement at once, after one that may have had to wait for
 * members that are no more.
 */
export class Recovery {
  constructor(
    private readonly world: World,
    private readonly installation: Installation,
  ) {}

  /** @returns when it will be over */
  start(at: number): number {
    const { scheduler } = this.world;
    const warm = at + ANSWERED_MS;
    const first = warm + ANSWERED_MS;
    const second = first + LEASE_WAITED_MS;
    scheduler.at(at, () => {
      this.#askEverything();
    });
    scheduler.at(warm, () => {
      this.#expectNoReads();
    });
    scheduler.at(first, () => {
      this.#change(LEASE_WAITED_MS, false);
    });
    scheduler.at(second, () => {
      this.#change(ACKNOWLEDGED_MS, true);
    });
    return second + ANSWERED_MS;
  }

  #askEverything(): void {
    const { services, accounts, verifiers } = this.installation;
    for (const [index, service] of services.entries()) {
      for (const verifier of verifiers) service.ask(verifier, accounts[index]?.keys ?? [], []);
    }
  }

  #expectNoReads(): void {
    const { verifiers, services } = this.installation;
    const before = verifiers.map(({ reads }) => reads);
    const answers = services.map(({ answers }) => answers);
    this.#askEverything();
    this.world.scheduler.after(ANSWERED_MS - 1, () => {
      for (const [index, { name, reads }] of verifiers.entries()) {
        if (reads !== before[index]) this.#fail('G3', `${name} read the store for what it had answered before`);
      }
      for (const [index, service] of services.entries()) {
        const missing = (answers[index] ?? 0) + verifiers.length - service.answers;
        if (missing > 0) this.#fail('liveness', `${service.name} waits for ${missing} answers`);
      }
    });
  }

  #change(withinMs: number, byAcknowledgement: boolean): void {
    const { admins, accounts } = this.installation;
    for (const [index, admin] of admins.entries()) {
      const key = accounts[index]?.keys[0];
      if (key !== undefined) this.#disable(admin, key, withinMs, byAcknowledgement);
    }
  }

  #disable(admin: Installation['admins'][number], key: SimKey, withinMs: number, byAcknowledgement: boolean): void {
    let isDone = false;
    void admin.perform({ of: 'key', keyId: key.keyId, edit: { kind: 'disable' } }).then(({ isInForce, by }) => {
      isDone = isInForce && !(byAcknowledgement && by === 'lease');
    });
    this.world.scheduler.after(withinMs, () => {
      if (!isDone) this.#fail('liveness', `${admin.name}'s change of ${key.keyId} is not in force after ${withinMs} ms`);
    });
  }

  #fail(guarantee: Violation['guarantee'], message: string): void {
    this.world.fail(new Violation(guarantee, message));
  }
}
