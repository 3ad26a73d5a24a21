import { LEASE_TERMS } from '#libs/coherence';
import { History, type ExpirySlack } from './history.js';
import { Machine } from './engine/machine.js';
import { type Delays, Network } from './engine/network.js';
import { SimProcess } from './engine/process.js';
import { Random } from './engine/random.js';
import { Scheduler } from './engine/scheduler.js';

/** What a seed makes of the world, once for the whole run. */
export interface Climate {
  readonly delays: Delays;
  /** How far the rates of clocks may be from true time, either way. */
  readonly drift: number;
  /** Whether leases last longest where they are trusted, and are over soonest where they are waited out. */
  readonly isAdverse: boolean;
  readonly stalls: number;
  readonly wallSteps: boolean;
  /** Then processes ask for Postgres' clock only now and then, and creations are not published with their commit. */
  readonly isRedisLog: boolean;
}

const ANSWERS_FROM_MEMORY = /^(verifier|guard)/;
const CALM: Delays = { usual: 1, slowness: 0, slow: 0 };
/** Postgres' clock at true time 0, in milliseconds since the Unix epoch. */
const POSTGRES_ORIGIN_MS = 1_900_000_000_000;
/** Within a hundredth, expiry is exact (libs/key-domain, CLOCK_RATE_MARGIN); beyond, a lease may hide a tenth of itself. */
const EXACT_DRIFT = 0.009;
const TRACED_LINES = 600;

/** Everything that actors share: true time, the network, and who watches. */
export class World {
  readonly scheduler = new Scheduler();
  readonly network: Network;
  readonly history: History;
  readonly #lines: string[] = [];
  #failure: Error | null = null;
  #ids = 0;

  constructor(
    readonly random: Random,
    private weather: Climate,
    readonly isTraced: boolean,
  ) {
    this.network = new Network(this.scheduler, random.fork(), weather.delays);
    this.history = new History((at) => this.postgresTime(at), expirySlack(weather), weather.isRedisLog);
  }

  get climate(): Climate {
    return this.weather;
  }

  /** From now on messages are quick and nobody stalls. */
  becomeCalm(): void {
    this.weather = { ...this.weather, delays: CALM, stalls: 0 };
    this.network.changeDelays(CALM);
  }

  /** Whether something happens that is rare, and never does once it is calm. */
  byChance(probability: number): boolean {
    return this.random.chance(probability) && this.weather.delays !== CALM;
  }

  get now(): number {
    return this.scheduler.now;
  }

  get failure(): Error | null {
    return this.#failure;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  postgresTime(trueTime = this.now): number {
    return POSTGRES_ORIGIN_MS + trueTime;
  }

  machine(name: string): Machine {
    const { drift, isAdverse } = this.climate;
    const worst = ANSWERS_FROM_MEMORY.test(name) ? -drift : drift;
    const off = isAdverse ? worst : this.random.between(-drift, drift);
    return new Machine(name, this.scheduler, this.random, { rate: 1 + off });
  }

  process(machine: Machine): SimProcess {
    const { scheduler, random } = this;
    return new SimProcess({ machine, scheduler, random, stalls: () => this.weather.stalls });
  }

  newId(kind: string): string {
    this.#ids += 1;
    return `${kind}_${this.#ids}`;
  }

  /** Writes a line of the trace, where one is kept. */
  trace(who: string, what: () => string): void {
    if (!this.isTraced) return;
    this.#lines.push(`${this.now.toFixed(3).padStart(10)} ${who.padEnd(10)} ${what()}`);
    if (this.#lines.length > TRACED_LINES) this.#lines.shift();
  }

  /** The first failure is what the run is about. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * A process takes Postgres' clock to be as late as it may be: by as much as the exchange took that told it. Redis does
 * not tell it, so that what is known of it may be old.
 */
function expirySlack({ drift, wallSteps, stalls, isRedisLog }: Climate): ExpirySlack {
  const isExact = drift <= EXACT_DRIFT;
  if (isRedisLog) return { tooLate: isExact ? 0 : Infinity, tooEarly: Infinity };
  const byDrift = LEASE_TERMS.lease * (isExact ? 0.04 : 0.12);
  const isUnbounded = wallSteps || stalls > 0;
  return { tooLate: isExact ? 0 : byDrift, tooEarly: isUnbounded ? Infinity : LEASE_TERMS.exchange * 1.1 + byDrift };
}
