import type { SecretUsage } from '#libs/contract';
import type { KeyRecord, Time } from '#libs/key-domain';
import type { VerifierTransport } from '../verifier/verifier-transport.js';
import { durationOf } from './told.js';

export const REPORT_INTERVAL_MS = 10_000;
/** Secrets in one report, by the contract. */
const MAX_REPORTED = 1_000;
/** Secrets that are told of in an interval; the uses of any others are not. */
export const MAX_HELD = 20_000;

/** How often a kept answer let somebody in since the last report. */
export interface KeptUses {
  uses: number;
  /** The last time, by the monotonic clock. */
  lastUse: number;
}

interface Used {
  readonly record: KeyRecord;
  readonly kept: KeptUses;
}

/** Tells a verifier, now and then, how often what is kept on its word was used. Nothing waits for it, and what is lost is lost. */
export class UsageReports {
  #used: Used[] = [];
  #cancelTimer: () => void = () => undefined;

  constructor(
    private readonly time: Time,
    private readonly transport: Pick<VerifierTransport, 'reportUsage'>,
  ) {}

  note(record: KeyRecord, kept: KeptUses, now: number): void {
    if (kept.uses === 0) {
      if (this.#used.length >= MAX_HELD) return;
      this.#used.push({ record, kept });
    }
    kept.lastUse = now;
    kept.uses += 1;
  }

  start(guardSessionId: string): void {
    this.#cancelTimer = this.time.after(REPORT_INTERVAL_MS, () => {
      this.#report(guardSessionId);
      this.start(guardSessionId);
    });
  }

  stop(): void {
    this.#cancelTimer();
    this.#used = [];
  }

  #report(guardSessionId: string): void {
    const now = this.time.monotonic();
    const usage = this.#used.map((used) => usageOf(used, now));
    this.#used = [];
    for (let begin = 0; begin < usage.length; begin += MAX_REPORTED) {
      const report = { guardSessionId, usage: usage.slice(begin, begin + MAX_REPORTED) };
      this.transport.reportUsage(report).catch(() => undefined);
    }
  }
}

function usageOf({ record: { keyId, secretId }, kept }: Used, now: number): SecretUsage {
  const verifications = kept.uses;
  kept.uses = 0;
  return { keyId, secretId, verifications, sinceLast: durationOf(Math.max(0, now - kept.lastUse)) };
}
