import { Injectable } from '@nestjs/common';
import type { Verdict } from '#libs/key-domain';
import { Metrics } from '#libs/observability';

/** How many tokens were judged and how, and how long it took. */
@Injectable()
export class VerificationMetrics {
  readonly #verdicts;
  readonly #durations;

  constructor(metrics: Metrics) {
    this.#verdicts = metrics.counter({
      name: 'mintmark_verifications_total',
      help: 'Tokens judged, by verdict.',
      labelNames: ['code'],
    });
    this.#durations = metrics.durations({
      name: 'mintmark_verification_duration_seconds',
      help: 'Time to judge the tokens of one call, the look-up included.',
    });
  }

  /** Times a call and counts its verdicts; one that fails has none. */
  async measure<Verdicts extends readonly Verdict[]>(judge: () => Promise<Verdicts>): Promise<Verdicts> {
    const stop = this.#durations.startTimer();
    const verdicts = await judge();
    stop();
    for (const { code } of verdicts) this.#verdicts.inc({ code });
    return verdicts;
  }
}
