import type { Machine } from '../engine/machine.js';
import type { SimProcess } from '../engine/process.js';
import type { Servers } from '../installation.js';
import type { World } from '../world.js';
import { VerifierLife } from './verifier-life.js';

/** How likely a question goes to a former life that still runs, where there is one: its clients hold connections to it. */
const STILL_ASKED = 0.4;

/** A verifier under its address: one process after the other, and sometimes the next before the last one is dead. */
export class Verifier {
  #life: VerifierLife;
  #former: VerifierLife[] = [];

  constructor(
    private readonly world: World,
    readonly name: string,
    private readonly servers: Servers,
  ) {
    this.#life = this.#begin(world.machine(name));
  }

  get machine(): Machine {
    return this.process.machine;
  }

  get process(): SimProcess {
    return this.#life.process;
  }

  /** Look-ups in the store by the process in use. */
  get reads(): number {
    return this.#life.reads;
  }

  /** The life that a connection leads to. */
  reached(): VerifierLife {
    const { random } = this.world;
    this.#former = this.#former.filter(({ process }) => process.isAlive);
    return this.#former.length > 0 && random.chance(STILL_ASKED) ? random.pick(this.#former) : this.#life;
  }

  kill(): void {
    this.process.kill();
  }

  restart(): void {
    if (!this.process.isAlive) this.#life = this.#begin(this.machine);
  }

  /** Another process begins elsewhere, while this one, which is thought dead, may go on. */
  replace(): void {
    this.#former.push(this.#life);
    this.#life = this.#begin(this.world.machine(this.name));
  }

  shutDown(): Promise<void> {
    return this.#life.shutDown();
  }

  #begin(machine: Machine): VerifierLife {
    return new VerifierLife(this.world, this.servers, this.world.process(machine));
  }
}
