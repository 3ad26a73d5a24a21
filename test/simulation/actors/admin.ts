import { LogEnforcement } from '#libs/coherence';
import { type CommittedChange, EnforcementUnconfirmedError, UnavailableError } from '#libs/key-domain';
import type { Machine } from '../engine/machine.js';
import type { SimProcess } from '../engine/process.js';
import type { PostgresServer } from '../model/postgres-server.js';
import type { Edit } from '../model/store.js';
import type { World } from '../world.js';

/** How a call ended; an admin that was killed never says. */
export type CallEnd = 'in force' | 'failed';

/** An admin process and its successors on one machine, with the product's own enforcement. */
export class Admin {
  readonly #machine: Machine;
  #process: SimProcess;
  #enforcement: LogEnforcement;

  constructor(
    private readonly world: World,
    readonly name: string,
    private readonly postgres: PostgresServer,
  ) {
    this.#machine = world.machine(name);
    ({ process: this.#process, enforcement: this.#enforcement } = this.#begin());
  }

  get process(): SimProcess {
    return this.#process;
  }

  get machine(): Machine {
    return this.#machine;
  }

  kill(): void {
    this.world.trace(this.name, () => 'killed');
    this.#process.kill();
  }

  restart(): void {
    ({ process: this.#process, enforcement: this.#enforcement } = this.#begin());
  }

  /** One call that changes something, from the request to its answer. */
  async perform(edit: Edit): Promise<CallEnd> {
    const process = this.#process;
    const enforcement = this.#enforcement;
    try {
      const edited = await this.postgres.edit(process, edit);
      const change = edited.outcome === 'changed' ? edited.change : edited.last;
      this.world.trace(this.name, () => `${edited.outcome} ${JSON.stringify(edit)} as ${change?.place ?? 'nothing'}`);
      // A creation takes no right away: its call does not wait.
      if (change !== null && edit.of !== 'creation') await this.#enforce(process, enforcement, change);
      return 'in force';
    } catch (error) {
      if (error instanceof UnavailableError || error instanceof EnforcementUnconfirmedError) return 'failed';
      this.world.fail(error);
      throw error;
    }
  }

  async #enforce(process: SimProcess, enforcement: LogEnforcement, change: CommittedChange): Promise<void> {
    const enforced = await enforcement.enforce(change);
    this.world.trace(this.name, () => `change ${change.place} is in force: ${JSON.stringify(enforced)}`);
    this.world.scheduler.at(process.now, () => {
      this.world.history.inForce(change.scope, change.place);
    });
  }

  #begin() {
    const process = this.world.process(this.#machine);
    const enforcement = new LogEnforcement(this.postgres.logFor(process), {
      time: process,
      onTrouble: (error) => {
        this.world.trace(this.name, () => `trouble: ${String(error)}`);
      },
    });
    return { process, enforcement };
  }
}
