import type { Machine } from './engine/machine.js';
import type { SimProcess } from './engine/process.js';
import { LOSSES, type RedisServer } from './model/redis-server.js';
import type { World } from './world.js';

/** Something that runs on a machine and can be killed and started again. */
export interface Victim {
  readonly name: string;
  readonly machine: Machine;
  readonly process: SimProcess;
  kill(): void;
  restart(): void;
}

export const FAULTS = [
  'stop',
  'sleep',
  'kill',
  'shut down',
  'replace',
  'crash a server',
  'stop a server',
  'lose the log',
  'exchange the log',
  'cut off',
  'cut one way',
  'congest',
  'step the wall clock',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultPlan {
  readonly kinds: readonly Fault[];
  /** Milliseconds between two faults, on average. */
  readonly pause: number;
  /** None begins after this; all are over by `over`. */
  readonly until: number;
  readonly over: number;
}

export interface Server {
  readonly name: string;
  readonly machine: Machine;
  readonly process: SimProcess;
  crash(downMs: number): void;
}

export interface Targets {
  readonly victims: readonly Victim[];
  readonly verifiers: readonly (Victim & Orderly & { replace(): void })[];
  readonly guards: readonly (Victim & Orderly)[];
  readonly servers: readonly Server[];
  readonly redis: RedisServer | null;
  /** Machines that can be cut off besides. */
  readonly others: readonly string[];
}

/** What ends as it should when it is asked to. */
interface Orderly {
  shutDown(): Promise<void>;
}

/** A process that was asked to end has this long at least. */
const SHUT_DOWN_MS = 500;

/** Breaks things at random, as planned, and mends all of it. */
export class FaultMaker {
  readonly #random;
  readonly #mendings = new Set<() => void>();
  #isExchanged = false;

  constructor(
    private readonly world: World,
    private readonly plan: FaultPlan,
    private readonly targets: Targets,
  ) {
    this.#random = world.random.fork();
  }

  start(): void {
    if (this.plan.kinds.length > 0) this.#next();
    this.world.scheduler.at(this.plan.over, () => {
      for (const mend of this.#mendings) mend();
      this.world.network.healEverything();
      this.world.trace('faults', () => 'are over');
    });
  }

  #next(): void {
    const at = this.world.now + this.#random.between(0, 2 * this.plan.pause);
    if (at > this.plan.until) return;
    this.world.scheduler.at(at, () => {
      this.#cause(this.#random.pick(this.plan.kinds));
      this.#next();
    });
  }

  /** From a blink to longer than a lease. */
  #duration(): number {
    const scale = this.#random.pick([50, 500, 2_500, 6_000]);
    return this.#random.between(0, scale);
  }

  #cause(fault: Fault): void {
    const ms = this.#duration();
    const victim = this.#random.pick(this.targets.victims);
    const verifier = this.#random.pick(this.targets.verifiers);
    const server = this.#random.pick(this.targets.servers);
    this.world.trace('faults', () => `${fault}, ${ms.toFixed(0)} ms, ${victim.name}, ${server.name}`);
    switch (fault) {
      case 'stop':
        this.#stop(victim.process, ms);
        break;
      case 'sleep':
        this.#sleep(victim, ms);
        break;
      case 'kill':
        victim.kill();
        this.#later(ms, () => {
          victim.restart();
        });
        break;
      case 'shut down':
        this.#shutDown(this.#random.pick([...this.targets.verifiers, ...this.targets.guards]), ms);
        break;
      case 'replace':
        this.#replace(verifier, ms);
        break;
      case 'lose the log':
        this.#lose(verifier.name, ms);
        break;
      case 'exchange the log':
        this.#exchange(verifier.name, ms);
        break;
      case 'crash a server':
        server.crash(Math.min(ms, this.plan.over - this.world.now));
        break;
      case 'stop a server':
        this.#stop(server.process, ms);
        break;
      case 'cut off':
      case 'cut one way':
        this.#cut(fault === 'cut off', ms);
        break;
      case 'congest':
        this.#congest(ms);
        break;
      case 'step the wall clock':
        this.#stepWall(this.#random.chance(0.2) ? server.machine : victim.machine);
        break;
    }
  }

  #sleep({ machine, process }: Victim, ms: number): void {
    machine.sleep();
    process.stop();
    this.#later(ms, () => {
      machine.wake();
      process.goOn();
    });
  }

  #stop(process: SimProcess, ms: number): void {
    process.stop();
    this.#later(ms, () => {
      process.goOn();
    });
  }

  /** A clock that is set back while its machine sleeps hides the sleep from everybody: one of the two is assumed away. */
  #stepWall(machine: Machine): void {
    const furthestBack = this.plan.kinds.includes('sleep') ? 0 : -1;
    machine.stepWall(this.#random.between(furthestBack, 1) * this.#random.pick([100, 3_000, 1e6]));
  }

  #shutDown(victim: Victim & Orderly, ms: number): void {
    void victim.shutDown();
    this.#later(ms + SHUT_DOWN_MS, () => {
      victim.kill();
      victim.restart();
    });
  }

  #replace(verifier: Targets['verifiers'][number], ms: number): void {
    const { process } = verifier;
    this.#stop(process, ms);
    verifier.replace();
    this.#later(Infinity, () => {
      process.kill();
    });
  }

  #cut(bothWays: boolean, ms: number): void {
    const [one, other] = this.#pair();
    const { network } = this.world;
    const cut = this.#random.pick(['lost', 'held'] as const);
    network.cut(one, other, cut);
    if (bothWays) network.cut(other, one, cut);
    this.world.trace('faults', () => `${one} ${bothWays ? '<->' : '->'} ${other}: ${cut}`);
    this.#later(ms, () => {
      network.heal(one, other);
      if (bothWays) network.heal(other, one);
    });
  }

  #congest(ms: number): void {
    const [one, other] = this.#pair();
    const { network } = this.world;
    network.congest(one, other, this.#random.pick([20, 300, 2_000]));
    network.congest(other, one, this.#random.pick([20, 300, 2_000]));
    this.#later(ms, () => {
      network.relieve(one, other);
      network.relieve(other, one);
    });
  }

  /**
   * Another server comes in the place of the log's, and goes again; somebody may have seen nothing of it. Once in a run:
   * what is published on the other server would seem settled if that came back while the call waits (docs/simulation.md).
   */
  #exchange(unaware: string, ms: number): void {
    const { redis } = this.targets;
    if (redis === null || this.#isExchanged) return;
    this.#isExchanged = true;
    if (this.#random.chance(0.7)) this.#cutOff(unaware, redis.name, ms);
    redis.exchange();
    this.#later(ms, () => {
      redis.exchange();
    });
  }

  /** Whoever answers on a member's word may not hear that it has lost its place. */
  #lose(verifier: string, ms: number): void {
    const { redis, guards } = this.targets;
    if (guards.length > 0 && this.#random.chance(0.5)) this.#cutOff(verifier, this.#random.pick(guards).name, ms);
    redis?.lose(this.#random.pick(LOSSES));
  }

  #cutOff(one: string, other: string, ms: number): void {
    const { network } = this.world;
    network.cut(one, other, 'lost');
    this.#later(ms, () => {
      network.heal(one, other);
    });
  }

  /** Most often a process and a server, or a guard and a verifier. */
  #pair(): readonly [string, string] {
    const { victims, servers, others, guards, verifiers } = this.targets;
    if (guards.length > 0 && this.#random.chance(0.4)) {
      const [guard, verifier] = [this.#random.pick(guards).name, this.#random.pick(verifiers).name];
      return this.#random.chance(0.5) ? [guard, verifier] : [verifier, guard];
    }
    const names = [...victims, ...servers].map(({ name }) => name);
    const one = this.#random.pick(victims).name;
    const other = this.#random.chance(0.7) ? this.#random.pick(servers).name : this.#random.pick([...names, ...others]);
    return this.#random.chance(0.5) ? [one, other] : [other, one];
  }

  #later(ms: number, work: () => void): void {
    const mend = () => {
      if (this.#mendings.delete(mend)) work();
    };
    this.#mendings.add(mend);
    this.world.scheduler.after(ms, mend);
  }
}
