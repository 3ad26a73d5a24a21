import type { CommittedChange, Enforced, Enforcement } from '#libs/key-domain';
import type { Log, Metrics } from '#libs/observability';

/** Tells of every change how long it took to come into force everywhere, and of those of which that is not known. */
export class MeasuredEnforcement implements Enforcement {
  readonly #durations;
  readonly #unconfirmed;

  constructor(
    private readonly enforcement: Enforcement,
    metrics: Metrics,
    private readonly log: Log,
  ) {
    this.#durations = metrics.durations({
      name: 'mintmark_enforcement_duration_seconds',
      help: 'Time from the commit of a change until no verifier and no guard answers without it, by how that was known.',
      labelNames: ['by'],
    });
    this.#unconfirmed = metrics.counter({
      name: 'mintmark_enforcements_unconfirmed_total',
      help: 'Changes that are committed and of which it could not be confirmed that they are in force.',
    });
  }

  async enforce(change: CommittedChange): Promise<Enforced> {
    try {
      const enforced = await this.enforcement.enforce(change);
      this.#durations.observe({ by: enforced.by }, enforced.ms / 1000);
      this.log.info({ change: change.place, ...change.scope, ...enforced }, 'a change is in force');
      return enforced;
    } catch (error) {
      this.#unconfirmed.inc();
      this.log.error({ err: error, change: change.place, ...change.scope }, 'a change could not be confirmed to be in force');
      throw error;
    }
  }
}
