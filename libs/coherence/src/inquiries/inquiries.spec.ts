import { describe, expect, test } from '@jest/globals';
import {
  type ChangeScope,
  type Enforced,
  type Enforcement,
  EnforcementUnconfirmedError,
  type LoggedChange,
} from '#libs/key-domain';
import type { Audience } from '../follower/audience.js';
import type { Members, MemberState, Progress } from '../log/change-log.js';
import { ProcessTime, VirtualTime } from '../log/virtual-time.fixture.js';
import type { Registration } from '../registry/registered-log.js';
import { LEASE_TERMS } from '../terms.js';
import { EitherRoad } from './either-road.js';
import { InquiringEnforcement } from './inquiring-enforcement.js';
import { InquiryFollower } from './inquiry-follower.js';
import type { HeardInquiries, MadeInquiries } from './inquiry-log.js';

const KEY: ChangeScope = { kind: 'key', accountId: 'acc', keyId: 'key' };
const CHANGE = { place: 7, scope: KEY, handles: [] };
const DEADLINE = LEASE_TERMS.lease + LEASE_TERMS.publication;

/** Inquiries in memory, by the contract of both ports; each call takes two milliseconds. */
class ScriptedInquiries implements HeardInquiries, MadeInquiries {
  readonly known = new Map<string, MemberState>();
  readonly made: LoggedChange[] = [];
  readonly stated: { readonly id: string; readonly progress: Progress }[] = [];
  isAway = false;
  #onPublished: (() => void)[] = [];
  #onProgress: (() => void)[] = [];

  constructor(private readonly truth: VirtualTime) {}

  record(id: string): Registration {
    this.known.set(id, { id, renewals: 0, position: this.made.length, exceptions: [], staleGuards: 0 });
    return { id, inquiry: this.made.length };
  }

  async publish({ scope, handles }: typeof CHANGE) {
    await this.#call();
    this.made.push({ number: this.made.length + 1, scope, handles });
    for (const listener of this.#onPublished) listener();
    return { ...this.#members(), number: this.made.length };
  }

  async members() {
    await this.#call();
    return this.#members();
  }

  async exchange(id: string, progress: Progress, isNews: boolean) {
    await this.#call();
    const member = this.known.get(id);
    if (isNews) this.stated.push({ id, progress });
    if (isNews && member !== undefined) this.known.set(id, { ...member, ...progress });
    for (const listener of this.#onProgress) listener();
    return { inquiries: this.made.slice(progress.position), position: this.made.length };
  }

  onPublished(listener: () => void): void {
    this.#onPublished = [...this.#onPublished, listener];
  }

  onProgress(listener: () => void): void {
    this.#onProgress = [...this.#onProgress, listener];
  }

  #members(): Members {
    return { epoch: 'inquiries', members: [...this.known.values()] };
  }

  async #call(): Promise<void> {
    await this.truth.sleep(2);
    if (this.isAway) throw new Error('away');
  }
}

class Guards implements Audience {
  owed: readonly number[] = [];
  stale = 0;
  #listener = () => undefined as unknown;

  unconfirmed(road: string): readonly number[] {
    return road === 'inquiry' ? this.owed : [99];
  }

  isSilent(): boolean {
    return true;
  }

  staleGuards(): number {
    return this.stale;
  }

  onConfirmed(listener: () => void): void {
    this.#listener = listener;
  }

  confirm(): void {
    this.owed = [];
    this.#listener();
  }
}

function follow(truth: VirtualTime, inquiries: ScriptedInquiries) {
  const guards = new Guards();
  const heeded: number[] = [];
  const troubles: unknown[] = [];
  const state: { registration: Registration | null } = { registration: null };
  const follower = new InquiryFollower(inquiries, {
    time: new ProcessTime(truth, 1),
    audience: guards,
    heed: ({ number }) => heeded.push(number),
    registration: () => state.registration,
    onTrouble: (error) => troubles.push(error),
  });
  follower.start();
  return { follower, guards, heeded, troubles, state };
}

function start() {
  const truth = new VirtualTime();
  const inquiries = new ScriptedInquiries(truth);
  const enforcement = new InquiringEnforcement(inquiries, { time: new ProcessTime(truth, 1), onTrouble: () => undefined });
  return { truth, inquiries, enforcement };
}

/** Null: it waits still. */
function outcomeOf(enforcing: Promise<Enforced>): { enforced: Enforced | null; error: unknown } {
  const outcome: { enforced: Enforced | null; error: unknown } = { enforced: null, error: null };
  enforcing.then(
    (enforced) => (outcome.enforced = enforced),
    (error: unknown) => (outcome.error = error),
  );
  return outcome;
}

describe('an inquiry', () => {
  test('is in force once every registered verifier has heeded it, and its guards have', async () => {
    const { truth, inquiries, enforcement } = start();
    const [one, two] = [follow(truth, inquiries), follow(truth, inquiries)];
    one.state.registration = inquiries.record('one');
    two.state.registration = inquiries.record('two');
    two.guards.owed = [1];
    const outcome = outcomeOf(enforcement.enforce(CHANGE, DEADLINE));
    await truth.pass(200);
    expect([one.heeded, two.heeded, outcome.enforced]).toEqual([[1], [1], null]);
    expect(inquiries.known.get('two')).toMatchObject({ position: 1, exceptions: [1] });
    two.guards.confirm();
    await truth.pass(100);
    expect(outcome.enforced).toMatchObject({ verifiers: 2, by: 'acknowledgement' });
  });

  test('that somebody does not answer is unconfirmed, however long his lease has run out', async () => {
    const { truth, inquiries, enforcement } = start();
    inquiries.record('silent');
    const outcome = outcomeOf(enforcement.enforce(CHANGE, DEADLINE));
    await truth.pass(DEADLINE - 1);
    expect(outcome).toEqual({ enforced: null, error: null });
    await truth.pass(5);
    expect(outcome.error).toBeInstanceOf(EnforcementUnconfirmedError);
  });

  test('does not wait for whoever has left the registry, by whatever name it came back', async () => {
    const { truth, inquiries, enforcement } = start();
    inquiries.record('former');
    const outcome = outcomeOf(enforcement.enforce(CHANGE, DEADLINE));
    await truth.pass(100);
    inquiries.known.delete('former');
    inquiries.record('the same anew');
    await truth.pass(100);
    expect(outcome.enforced).toMatchObject({ verifiers: 1, by: 'acknowledgement' });
  });

  test('that can not be made is unconfirmed when the time is up', async () => {
    const { truth, inquiries, enforcement } = start();
    inquiries.isAway = true;
    const outcome = outcomeOf(enforcement.enforce(CHANGE, DEADLINE));
    await truth.pass(DEADLINE + 5);
    expect(outcome.error).toBeInstanceOf(EnforcementUnconfirmedError);
  });
});

describe('whoever answers inquiries', () => {
  test('answers those since it was registered, under the name that it has then', async () => {
    const { truth, inquiries } = start();
    await inquiriesMade(truth, inquiries, 2);
    const { state, heeded } = follow(truth, inquiries);
    state.registration = inquiries.record('one');
    await inquiriesMade(truth, inquiries, 1);
    await truth.pass(100);
    expect([heeded, inquiries.stated]).toEqual([[3], [{ id: 'one', progress: { position: 3, exceptions: [], staleGuards: 0 } }]]);
    state.registration = inquiries.record('anew');
    await inquiriesMade(truth, inquiries, 1);
    await truth.pass(100);
    const progress = { position: 4, exceptions: [], staleGuards: 0 };
    expect([heeded, inquiries.stated.at(-1)]).toEqual([[3, 4], { id: 'anew', progress }]);
  });

  test('states how many guards may go on without a verdict, asked or not', async () => {
    const { truth, inquiries } = start();
    const { state, guards } = follow(truth, inquiries);
    state.registration = inquiries.record('one');
    await truth.pass(1_100);
    guards.stale = 2;
    guards.confirm();
    await truth.pass(10);
    expect(inquiries.known.get('one')?.staleGuards).toBe(2);
    expect(inquiries.stated).toHaveLength(1);
  });

  test('hears of them without a hint, and after an outage', async () => {
    const { truth, inquiries } = start();
    const { state, heeded, troubles } = follow(truth, inquiries);
    state.registration = inquiries.record('one');
    await truth.pass(50);
    inquiries.isAway = true;
    await truth.pass(3_000);
    expect(troubles.length).toBeGreaterThanOrEqual(2);
    inquiries.made.push({ number: 1, scope: KEY, handles: [] });
    inquiries.isAway = false;
    await truth.pass(1_200);
    inquiries.made.push({ number: 2, scope: KEY, handles: [] });
    await truth.pass(1_100);
    expect(heeded).toEqual([1, 2]);
  });

  test('asks once a second while nothing happens, and states nothing', async () => {
    const { truth, inquiries } = start();
    const { state } = follow(truth, inquiries);
    let asked = 0;
    inquiries.onProgress(() => (asked += 1));
    state.registration = inquiries.record('one');
    await truth.pass(10_000);
    expect([asked >= 9 && asked <= 11, inquiries.stated]).toEqual([true, []]);
  });

  test('stops when it is asked to', async () => {
    const { truth, inquiries } = start();
    const { follower, state, heeded } = follow(truth, inquiries);
    state.registration = inquiries.record('one');
    await truth.pass(50);
    await follower.stop();
    await inquiriesMade(truth, inquiries, 1);
    await truth.pass(2_000);
    expect(heeded).toEqual([]);
  });
});

async function inquiriesMade(truth: VirtualTime, inquiries: ScriptedInquiries, count: number): Promise<void> {
  for (let made = 0; made < count; made += 1) void inquiries.publish(CHANGE);
  await truth.pass(5);
}

describe('of two roads', () => {
  const soon = (truth: VirtualTime, ms: number, by: Enforced['by']): Enforcement['enforce'] => {
    return () => truth.sleep(ms).then(() => ({ verifiers: 1, ms, by }));
  };
  const never = (truth: VirtualTime, ms: number): Enforcement['enforce'] => {
    return () =>
      truth.sleep(ms).then(() => {
        throw new EnforcementUnconfirmedError(`after ${ms} ms`);
      });
  };
  const both = (log: Enforcement['enforce'], inquiry: Enforcement['enforce'], truth: VirtualTime) => {
    let inquired = 0;
    const counted: Enforcement['enforce'] = (change) => {
      inquired += 1;
      return inquiry(change);
    };
    const road = new EitherRoad({ enforce: log }, { enforce: counted }, new ProcessTime(truth, 1));
    return { outcome: outcomeOf(road.enforce(CHANGE)), inquired: () => inquired };
  };

  test('the way round is not taken where the log is quick', async () => {
    const { truth } = start();
    const { outcome, inquired } = both(soon(truth, 50, 'acknowledgement'), never(truth, 1), truth);
    await truth.pass(5_000);
    expect([outcome.enforced?.by, inquired()]).toEqual(['acknowledgement', 0]);
  });

  test('whichever comes first ends the wait', async () => {
    const { truth } = start();
    const slow = both(soon(truth, 2_000, 'lease'), soon(truth, 10, 'acknowledgement'), truth);
    const silent = both(soon(truth, 2_000, 'lease'), never(truth, 10), truth);
    await truth.pass(LEASE_TERMS.inquiry + 20);
    expect(slow.outcome.enforced).toMatchObject({ by: 'acknowledgement', ms: LEASE_TERMS.inquiry + 10 });
    expect(silent.outcome).toEqual({ enforced: null, error: null });
    await truth.pass(2_000);
    expect(silent.outcome.enforced?.by).toBe('lease');
  });

  test('where neither is open, the change is unconfirmed, and says what became of the log', async () => {
    const { truth } = start();
    const { outcome } = both(never(truth, 3_000), never(truth, 2_900), truth);
    await truth.pass(3_010);
    expect(outcome.error).toMatchObject({ message: 'after 3000 ms' });
  });

  test('an error of the log that comes at once is told at once', async () => {
    const { truth } = start();
    const { outcome, inquired } = both(never(truth, 1), never(truth, 1), truth);
    await truth.pass(5);
    expect([outcome.error instanceof EnforcementUnconfirmedError, inquired()]).toEqual([true, 0]);
  });
});
