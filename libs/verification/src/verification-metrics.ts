import { Injectable } from '@nestjs/common';
import type { Verdict, VerdictCode } from '#libs/key-domain';
import { type DurationTally, Metrics } from '#libs/observability';

/** How many tokens were judged and how, and how long it took: counted in plain numbers, since it happens at every call. */
@Injectable()
export class VerificationMetrics {
  readonly #verdicts = new Map<VerdictCode, number>();
  readonly #durations: DurationTally;

  constructor(metrics: Metrics) {
    const verdicts = this.#verdicts;
    metrics.counter(
      { name: 'mintmark_verifications_total', help: 'Tokens judged, by verdict.', labelNames: ['code'] },
      function () {
        this.reset();
        for (const [code, count] of verdicts) this.inc({ code }, count);
      },
    );
    const durations = metrics.tallies({
      name: 'mintmark_verification_duration_seconds',
      help: 'Time to judge the tokens of one call, the look-up included.',
    });
    this.#durations = durations.tally({});
  }

  /** A moment, for `judged`: in milliseconds. */
  now(): number {
    return performance.now();
  }

  /** Counts the judgements of a call that began at a moment; one that fails has none. */
  judged<Judged extends readonly { readonly verdict: Verdict }[]>(judgements: Judged, began: number): Judged {
    this.#durations.observe((performance.now() - began) / 1000);
    for (const { verdict } of judgements) this.#verdicts.set(verdict.code, (this.#verdicts.get(verdict.code) ?? 0) + 1);
    return judgements;
  }
}
