import { LogFollower } from '#libs/coherence';
import { NO_MEMORY, PepperRing, UnauthorizedError, UnavailableError } from '#libs/key-domain';
import type { TokenQuestion } from '#libs/verification';
import { Metrics } from '#libs/observability';
import { AccountRules } from '../../../libs/verification/src/account-rules.js';
import { DigestMoves } from '../../../libs/verification/src/digest-moves.js';
import { LastUses } from '../../../libs/verification/src/last-uses.js';
import { SecretMemory } from '../../../libs/verification/src/secret-memory.js';
import { SecretReading } from '../../../libs/verification/src/secret-reading.js';
import { TokenVerification } from '../../../libs/verification/src/token-verification.js';
import { VerificationMetrics } from '../../../libs/verification/src/verification-metrics.js';
import type { Machine } from '../engine/machine.js';
import type { SimProcess } from '../engine/process.js';
import { NO_ANSWER, type Outcome, REFUSED_SERVICE } from '../history.js';
import type { PostgresServer } from '../model/postgres-server.js';
import type { World } from '../world.js';

/** The peppers of the whole installation. */
export const PEPPERS = new PepperRing([{ id: 'p1', key: Buffer.alloc(32, 1) }]);

/** Tokens are asked about by their digests alone, so that what they look like never matters. */
const NO_RULES = new AccountRules({ rulesOf: () => Promise.reject(new UnavailableError('not asked here')) }, NO_MEMORY);
const BOUNDS = { found: 64, foundBytes: 1_000_000, missing: 16 };
const METRICS = new VerificationMetrics(new Metrics('simulation'));
const SILENT_LOG = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A verifier process and its successors on one machine, made of the product's own parts. */
export class Verifier {
  readonly #machine: Machine;
  #process: SimProcess;
  #follower: LogFollower;
  #verification: TokenVerification;
  /** Look-ups in the store by all its lives. */
  reads = 0;

  constructor(
    private readonly world: World,
    readonly name: string,
    private readonly postgres: PostgresServer,
  ) {
    this.#machine = world.machine(name);
    ({ process: this.#process, follower: this.#follower, verification: this.#verification } = this.#begin());
  }

  get process(): SimProcess {
    return this.#process;
  }

  get machine(): Machine {
    return this.#machine;
  }

  kill(): void {
    this.world.trace(this.name, () => 'killed');
    this.#process.kill();
  }

  restart(): void {
    ({ process: this.#process, follower: this.#follower, verification: this.#verification } = this.#begin());
  }

  /** Ends as a process does that is asked to: it takes leave of the log. */
  async shutDown(): Promise<void> {
    const process = this.#process;
    await this.#follower.stop();
    process.kill();
  }

  /** Handles one call of a service. */
  async answer(serviceToken: string, questions: readonly TokenQuestion[]): Promise<readonly Outcome[]> {
    try {
      const judgements = await this.#verification.verifyForService(serviceToken, questions);
      return judgements.map(({ verdict }) => verdict.code);
    } catch (error) {
      if (error instanceof UnauthorizedError) return questions.map(() => REFUSED_SERVICE);
      if (error instanceof UnavailableError) return questions.map(() => NO_ANSWER);
      this.world.fail(error);
      throw error;
    }
  }

  #begin() {
    const process = this.world.process(this.#machine);
    const follower = new LogFollower(this.postgres.logFor(process), {
      time: process,
      newMemberId: () => this.world.newId('ver'),
      onTrouble: (error) => {
        this.world.trace(this.name, () => `trouble: ${String(error)}`);
      },
    });
    const lookup = this.postgres.lookupFor(process, () => (this.reads += 1));
    const moves = new DigestMoves(NO_UPKEEP, PEPPERS, SILENT_LOG);
    const reading = new SecretReading(lookup, follower, new SecretMemory(BOUNDS), PEPPERS, moves);
    const verification = new TokenVerification(reading, NO_RULES, new LastUses(NO_UPKEEP, SILENT_LOG), METRICS);
    follower.start();
    return { process, follower, verification };
  }
}

const NO_UPKEEP = { recordUses: () => Promise.resolve(), moveDigest: () => Promise.resolve() };
