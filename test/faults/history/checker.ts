import type { KeyHistory, Verification } from './key-history.js';

/** How many histories are kept to be printed; all are counted. */
const PRINTED = 5;

/** Holds every answer against what was allowed when it was given, and counts what is wrong. */
export class Checker {
  #violations = 0;
  readonly #reports: string[] = [];

  /** @param onViolation told of the first few, whole */
  constructor(private readonly onViolation: (report: string) => void = () => undefined) {}

  get violations(): number {
    return this.#violations;
  }

  /** The first few, whole. */
  get reports(): readonly string[] {
    return this.#reports;
  }

  /** Judges an answer, as soon as it has been read. */
  judge(history: KeyHistory, verification: Verification): void {
    history.remember(verification);
    const allowed = history.allowed(verification);
    if (verification.verdicts.some((verdict) => allowed.has(verdict))) return;
    const { by, sent, verdicts } = verification;
    this.fail(
      `${by} answered ${verdicts.join(' or ')} to what was sent at ${sent.toFixed(1)}, allowed was ${[...allowed].join(' or ')}\n${history.toString()}`,
    );
  }

  /** Something else that must not happen. */
  fail(report: string): void {
    this.#violations += 1;
    if (this.#reports.length >= PRINTED) return;
    this.#reports.push(report);
    this.onViolation(report);
  }
}
