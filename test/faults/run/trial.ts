import { setMaxListeners } from 'node:events';
import { Cluster, type ClusterOptions } from '../cluster/cluster.js';
import { Checker } from '../history/checker.js';
import { Actors } from '../load/actors.js';
import { AdminCalls } from '../load/admin-calls.js';
import { Changing } from '../load/changing.js';
import { GuardTarget } from '../load/guard-target.js';
import type { Target } from '../load/target.js';
import { type SteadyLoad, Verifications } from '../load/verifications.js';
import { VerifierTarget } from '../load/verifier-target.js';

export interface TrialOptions extends Pick<ClusterOptions, 'log'> {
  readonly seed: number;
  /** Told of the first violations, whole, as they are found. */
  readonly onViolation: (report: string) => void;
}

/** A cluster under load, everything it says held against what it may say. */
export class Trial {
  readonly targets: readonly Target[];
  readonly adminHosts: readonly string[];
  readonly verifications: Verifications;
  readonly changing: Changing;
  readonly actors: Actors;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly cluster: Cluster,
    readonly calls: AdminCalls,
    readonly checker: Checker,
    seed: number,
  ) {
    setMaxListeners(0, this.stopped); // one for everything that waits in the load
    const guards = cluster.guards.map(({ name, plan }) => new GuardTarget(name, plan.host));
    const verifiers = cluster.verifiers.map(({ name, plan }) => new VerifierTarget(name, plan.host, cluster.serviceKey));
    this.targets = [...guards, ...verifiers];
    this.adminHosts = cluster.admins.map(({ plan }) => plan.host);
    this.verifications = new Verifications(this.targets, checker);
    this.changing = new Changing(calls, this.adminHosts, checker);
    this.actors = new Actors(this.changing, this.verifications, seed);
  }

  static async start(options: TrialOptions): Promise<Trial> {
    const checker = new Checker(options.onViolation);
    const onOwnEnd = (report: string) => {
      checker.fail(report);
    };
    const cluster = await Cluster.start({ log: options.log, onOwnEnd });
    try {
      const calls = await AdminCalls.signIn(cluster.admins[0]?.plan.host ?? '', cluster.owner);
      return new Trial(cluster, calls, checker, options.seed);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get stopped(): AbortSignal {
    return this.#stopping.signal;
  }

  /**
   * Begins to verify and to change, until it is stopped. What fails in it is a fault of the trial itself.
   * @param actors keys that live, and are changed, at once
   */
  begin(actors: number, load: SteadyLoad): void {
    const pick = () => this.actors.pick();
    this.#running = Promise.all([
      this.actors.run(actors, this.stopped),
      this.verifications.steadily(pick, load, this.stopped),
    ]).catch((error: unknown) => {
      this.checker.fail(`the load has failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
  }

  /** Ends the load and every process. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const target of this.targets) target.close();
    this.calls.close();
    await Promise.all([this.#running, this.cluster.stop()]);
  }
}
