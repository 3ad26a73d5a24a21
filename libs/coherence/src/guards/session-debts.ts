import type { Road } from '#libs/key-domain';

/** A change, as it came to be known. */
export interface KnownChange {
  readonly road: Road;
  readonly number: number;
}

/** Who counts the changes that somebody may still answer without. */
export interface Creditor {
  /** Somebody may still answer without a change, until `confirm` is called as often. */
  owe(change: KnownChange): void;
  confirm(change: KnownChange): void;
}

/** A change that a guard may still answer without. */
interface Debt {
  readonly change: KnownChange;
  /** Its acknowledgement pays it; Infinity: none can, the stream is broken. */
  readonly sequence: number;
  /** From this moment on, by the monotonic clock, the guard has no lease that it was handed before it was told. */
  readonly until: number;
}

/** The changes that one guard may still answer without. Sequences ascend, and so do the moments from which on time has paid. */
export class SessionDebts {
  #debts: Debt[] = [];

  constructor(private readonly creditor: Creditor) {}

  /** When time pays the next one, by the monotonic clock; null: there is none. */
  get nextPaid(): number | null {
    return this.#debts[0]?.until ?? null;
  }

  owe(debt: Debt): void {
    this.#debts.push(debt);
    this.creditor.owe(debt.change);
  }

  acknowledged(sequence: number): void {
    this.#settle((debt) => debt.sequence <= sequence);
  }

  /** @param now by the monotonic clock */
  passed(now: number): void {
    this.#settle(({ until }) => until <= now);
  }

  settleAll(): void {
    this.#settle(() => true);
  }

  /** What is owed to the log belongs to an epoch that is over. */
  forgetLog(): void {
    this.#debts = this.#debts.filter(({ change }) => change.road !== 'log');
  }

  #settle(isPaid: (debt: Debt) => boolean): void {
    const unpaid = this.#debts.findIndex((debt) => !isPaid(debt));
    const paid = this.#debts.splice(0, unpaid === -1 ? this.#debts.length : unpaid);
    for (const { change } of paid) this.creditor.confirm(change);
  }
}
