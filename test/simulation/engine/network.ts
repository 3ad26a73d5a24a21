import { UnavailableError } from '#libs/key-domain';
import type { SimProcess } from './process.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';

/** What becomes of messages one way between two machines: lost, or kept back until the cut has healed. */
export type Cut = 'lost' | 'held';

interface Line {
  readonly cut: Cut;
  readonly held: (() => void)[];
}

/** How long messages take, in milliseconds. */
export interface Delays {
  /** Most of them. */
  readonly usual: number;
  /** How likely one is to take up to `slow` instead. */
  readonly slowness: number;
  readonly slow: number;
}

/** A call whose answer was lost fails by then at the latest, or never settles. */
const LONGEST_SILENCE_MS = 5_000;

/** Between machines: every pair can be cut, either way or one way. */
export class Network {
  readonly #lines = new Map<string, Line>();
  /** More milliseconds for every message between two machines, either way. */
  readonly #congested = new Map<string, number>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly random: Random,
    private delays: Delays,
  ) {}

  cut(from: string, to: string, cut: Cut): void {
    const name = `${from}>${to}`;
    if (!this.#lines.has(name)) this.#lines.set(name, { cut, held: [] });
  }

  heal(from: string, to: string): void {
    const name = `${from}>${to}`;
    const line = this.#lines.get(name);
    this.#lines.delete(name);
    for (const deliver of line?.held ?? []) deliver();
  }

  healEverything(): void {
    for (const name of [...this.#lines.keys()]) {
      const [from = '', to = ''] = name.split('>');
      this.heal(from, to);
    }
    this.#congested.clear();
  }

  /** From now on messages take as long as that says. */
  changeDelays(delays: Delays): void {
    this.delays = delays;
  }

  congest(from: string, to: string, ms: number): void {
    this.#congested.set(`${from}>${to}`, ms);
  }

  relieve(from: string, to: string): void {
    this.#congested.delete(`${from}>${to}`);
  }

  delay(from: string, to: string): number {
    const { usual, slowness, slow } = this.delays;
    const extra = this.#congested.get(`${from}>${to}`) ?? 0;
    const own = this.random.chance(slowness) ? this.random.between(0, slow) : this.random.between(0.05, usual);
    return own + (extra === 0 ? 0 : this.random.between(0, extra));
  }

  /** Sends one message; whether it will arrive is known to nobody, except that `false` says it is lost. */
  send(from: SimProcess, to: SimProcess, deliver: () => void): boolean {
    const line = this.#lines.get(`${from.name}>${to.name}`);
    if (line?.cut === 'lost') return false;
    const travel = () => {
      const sent = Math.max(from.now, this.scheduler.now);
      this.scheduler.at(sent + this.delay(from.name, to.name), () => {
        to.receive(deliver);
      });
    };
    if (line === undefined) travel();
    else line.held.push(travel);
    return true;
  }

  /**
   * Asks a server. The server may have done what it was asked although the answer is lost; a failure says nothing
   * about it. An answer that is lost may never be told to be.
   * @param serve what the server does; it answers when and if it likes
   */
  call<T>(from: SimProcess, to: SimProcess, serve: (answer: Answer<T>) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const fail = () => {
        if (this.random.chance(0.3)) return;
        this.scheduler.after(this.random.between(0, LONGEST_SILENCE_MS), () => {
          from.receive(() => {
            reject(new UnavailableError('The simulated connection broke.'));
          });
        });
      };
      const answer: Answer<T> = (outcome) => {
        const arrived = this.send(to, from, () => {
          if (outcome.error === undefined) resolve(outcome.value);
          else reject(outcome.error);
        });
        if (!arrived) fail();
      };
      const arrived = this.send(from, to, () => {
        serve(answer);
      });
      if (!arrived || !to.isAlive) fail();
    });
  }
}

export type Answer<T> = (outcome: { readonly value: T; readonly error?: undefined } | { readonly error: Error }) => void;
