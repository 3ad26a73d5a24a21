import { setTimeout as sleep } from 'node:timers/promises';
import { mintToken, STARTING_FORMATS } from '#libs/key-domain';
import { Random } from '../chaos/random.js';
import { KeyHistory } from '../history/key-history.js';
import { ENDINGS } from '../load/changes.js';
import type { Target } from '../load/target.js';
import type { SteadyLoad } from '../load/verifications.js';
import type { WatchedKey } from '../load/watched-key.js';
import type { Trial } from './trial.js';

/** Whom a question is about: a key that everybody knows, one that nobody was asked about, or nobody at all. */
export type QuestionKind = 'known' | 'unknown' | 'neverIssued';

export interface Shares {
  asked: number;
  answered: number;
}

interface Counts {
  readonly shares: Record<QuestionKind, Shares>;
  readonly revocations: Shares;
}

const [FORMAT] = STARTING_FORMATS;
const KINDS: readonly QuestionKind[] = ['known', 'known', 'known', 'known', 'unknown', 'neverIssued'];
/** Milliseconds for the answer to what was asked as a phase ended. */
const LAST_ANSWERS_MS = 500;
const WARMING_AT_ONCE = 4;
const REVOCATION_PAUSE_MS = 500;
const REVOCATION_LIMIT_MS = 5_000;
const [REVOKE] = ENDINGS;

/** Questions of every kind to every target, and revocations of known keys beside them. */
export class Questions {
  readonly #random = new Random(1);
  readonly #stopping = new AbortController();
  #counts = newCounts();
  #mayRevoke = false;
  #revoking: Promise<void> = Promise.resolve();

  constructor(
    private readonly trial: Trial,
    private readonly known: WatchedKey[],
    private readonly unknown: WatchedKey[],
  ) {}

  async ask({ atOnce, pauseMs }: SteadyLoad): Promise<void> {
    const askers = this.trial.targets.flatMap((target) =>
      Array.from({ length: atOnce }, () => this.#askSteadily(target, pauseMs)),
    );
    await Promise.all([...askers, this.#revokeSteadily()]);
  }

  /** Asks every target about every known key, so that it is known; nothing is revoked until it is counted again. */
  async warm(): Promise<void> {
    this.#mayRevoke = false;
    await this.#revoking;
    const ask = async (target: Target, share: number) => {
      const keys = this.known.filter((_, index) => index % WARMING_AT_ONCE === share);
      for (const key of keys) await this.trial.verifications.ask(target, key);
    };
    const shares = Array.from({ length: WARMING_AT_ONCE }, (_, share) => share);
    await Promise.all(this.trial.targets.flatMap((target) => shares.map((share) => ask(target, share))));
  }

  /** Counts what is asked from now on, for so many seconds. */
  async count(seconds: number): Promise<Counts> {
    const counts = newCounts();
    this.#counts = counts;
    this.#mayRevoke = true;
    await sleep(seconds * 1_000);
    this.#counts = newCounts();
    await sleep(LAST_ANSWERS_MS);
    return structuredClone(counts);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #askSteadily(target: Target, pauseMs: number): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const kind = this.#random.pick(KINDS);
      await this.#askOne(target, kind);
      await sleep(pauseMs);
    }
  }

  async #askOne(target: Target, kind: QuestionKind): Promise<void> {
    const key = this.#keyOf(kind);
    if (key === undefined) return;
    const shares = this.#counts.shares[kind];
    shares.asked += 1;
    const { kind: outcome } = await this.trial.verifications.ask(target, key);
    if (outcome === 'verdict') shares.answered += 1;
    else if (kind === 'unknown') this.unknown.push(key);
  }

  #keyOf(kind: QuestionKind): WatchedKey | undefined {
    if (kind === 'unknown') return this.unknown.shift();
    return kind === 'known' ? this.#random.pick(this.known) : neverIssued();
  }

  async #revokeSteadily(): Promise<void> {
    while (!this.#stopping.signal.aborted && this.known.length > 1) {
      await sleep(REVOCATION_PAUSE_MS);
      if (this.#mayRevoke) this.#revoking = this.#revoke(this.#random.pick(this.known));
      await this.#revoking;
    }
  }

  async #revoke(key: WatchedKey): Promise<void> {
    if (REVOKE === undefined) throw new Error('there is no ending');
    const { revocations } = this.#counts;
    const { kind } = await this.trial.changing.attempt(
      key,
      REVOKE,
      this.#random.pick(this.trial.adminHosts),
      REVOCATION_LIMIT_MS,
    );
    revocations.asked += 1;
    if (kind !== 'in force') return;
    revocations.answered += 1;
    this.trial.verifications.probe(key);
  }
}

function newCounts(): Counts {
  const none = () => ({ asked: 0, answered: 0 });
  return { shares: { known: none(), unknown: none(), neverIssued: none() }, revocations: none() };
}

/** A token in good form that nobody was ever given. */
function neverIssued(): WatchedKey {
  if (FORMAT === undefined) throw new Error('there is no format');
  const token = mintToken(FORMAT, 'live');
  const history = new KeyHistory('never issued', performance.now());
  history.write('deleted', true, 'never was', performance.now()).returned(performance.now(), 'never was');
  return { id: '', token, history };
}
