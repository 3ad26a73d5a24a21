import { Injectable } from '@nestjs/common';
import type { GuardSession } from '#libs/coherence';
import { AccountRules, type StampedRules } from '#libs/verification';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds between two attempts while the rules can't be read: guards go on without them. */
const RETRY_MS = 1_000;

/** Tells guards what tokens of their account look like. One reading serves all who ask while it is under way. */
@Injectable()
export class SessionRules {
  readonly #telling = new Set<GuardSession>();
  readonly #readings = new Map<string, Promise<StampedRules | null>>();

  constructor(private readonly rules: AccountRules) {}

  /** Tells a session the rules as they are, however long it takes, for as long as it wants them. */
  async tell(session: GuardSession): Promise<void> {
    if (this.#telling.has(session)) return;
    this.#telling.add(session);
    while (session.wantsRules) {
      const read = await this.#read(session.accountId);
      if (read === null) await pause(RETRY_MS, undefined, { ref: false });
      else session.tellRules(read.rules, read.stamp);
    }
    this.#telling.delete(session);
  }

  #read(accountId: string): Promise<StampedRules | null> {
    const underWay = this.#readings.get(accountId);
    if (underWay !== undefined) return underWay;
    const reading = this.rules
      .current(accountId)
      .catch(() => null)
      .finally(() => this.#readings.delete(accountId));
    this.#readings.set(accountId, reading);
    return reading;
  }
}
