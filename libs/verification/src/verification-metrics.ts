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

  /** Times a call from now until its judgements are there, and counts those; one that fails has none. */
  start(): <Judged extends readonly { readonly verdict: Verdict }[]>(judgements: Judged) => Judged {
    const stop = this.#durations.startTimer();
    return (judgements) => {
      stop();
      for (const { verdict } of judgements) this.#verdicts.inc({ code: verdict.code });
      return judgements;
    };
  }
}
