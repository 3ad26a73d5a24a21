import { type FollowedLog, GuardSessions, InquiryFollower, LEASE_TERMS, LogFollower, RegisteredLog } from '#libs/coherence';
import type { VerifyTokenRequest, VerifyTokenResponse } from '#libs/contract';
import { type ChangeFollower, NO_MEMORY, UnauthorizedError, UnavailableError } from '#libs/key-domain';
import { Metrics } from '#libs/observability';
import type { TokenQuestion } from '#libs/verification';
import { writeResponse } from '../../../apps/verifier/src/questions/write-response.js';
import { GuardAnswers } from '../../../apps/verifier/src/sessions/guard-answers.js';
import { GuardStream } from '../../../apps/verifier/src/sessions/guard-stream.js';
import { AccountRules } from '../../../libs/verification/src/account-rules.js';
import { DigestMoves } from '../../../libs/verification/src/digest-moves.js';
import { LastUses } from '../../../libs/verification/src/last-uses.js';
import { LimitTakings } from '../../../libs/verification/src/limit-takings.js';
import { SecretMemory } from '../../../libs/verification/src/secret-memory.js';
import { SecretReading } from '../../../libs/verification/src/secret-reading.js';
import { TokenVerification } from '../../../libs/verification/src/token-verification.js';
import { UsageCounts } from '../../../libs/verification/src/usage-counts.js';
import { VerificationMetrics } from '../../../libs/verification/src/verification-metrics.js';
import type { SimProcess } from '../engine/process.js';
import { NO_ANSWER, type Outcome, REFUSED_SERVICE } from '../history.js';
import type { Servers } from '../installation.js';
import type { Place } from '../mutation.js';
import { troubleText } from '../trouble.js';
import type { World } from '../world.js';
import { ERRORS, SILENT_LOG } from './failure.js';
import { PEPPERS } from './keys.js';
import type { SimCall } from './stream.js';
import { StoreClock } from './store-clock.js';

/** Tokens are asked about by their digests alone, so that what they look like never matters. */
const NO_RULES = new AccountRules({ rulesOf: () => Promise.reject(new UnavailableError('not asked here')) }, NO_MEMORY);
const BOUNDS = { found: 64, foundBytes: 1_000_000, missing: 64 };
const METRICS = new VerificationMetrics(new Metrics('simulation'));
/** No key of the simulation has limits. */
const NO_LIMITS = new LimitTakings({ take: () => Promise.reject(new UnavailableError('not asked here')) });
const NO_USAGE = { add: () => Promise.resolve() };
const NO_UPKEEP = { recordUses: () => Promise.resolve(), moveDigest: () => Promise.resolve() };

/** Guards are told of no formats, so that they ask about every text. */
const NO_SESSION_RULES = { tell: () => Promise.resolve() };

function questionOf({ credential, requiredScopes, productId, clientIp, environment, cost }: VerifyTokenRequest): TokenQuestion {
  const sha256 = credential?.$case === 'tokenSha256' ? credential.value : new Uint8Array();
  return { credential: { sha256 }, requiredScopes, productId, clientIp, environment, cost: cost ?? 1 };
}

/** One life of a verifier, made of the product's own parts. */
export class VerifierLife {
  readonly process: SimProcess;
  readonly #follower: LogFollower;
  readonly #inquiries: InquiryFollower | null;
  readonly #verification: TokenVerification;
  readonly #sessions: GuardSessions;
  readonly #guardAnswers: GuardAnswers;
  readonly #clock: StoreClock;
  /** Look-ups in the store. */
  reads = 0;

  constructor(
    private readonly world: World,
    private readonly servers: Servers,
    process: SimProcess,
  ) {
    const { mutation, postgres, redis } = servers;
    const place = { world, process, postgres, redis };
    const log = servers.log(process);
    this.process = process;
    this.#clock = new StoreClock(process);
    if (redis !== null) this.#clock.keep(postgres.lookupFor(process, () => undefined));
    this.#sessions = new GuardSessions({ time: process, newSessionId: () => world.newId('gs') });
    this.#guardAnswers = new GuardAnswers(this.#sessions);
    this.#follower = new LogFollower(mutation.followedLog?.(log, place) ?? log, {
      ...(redis === null ? {} : { storeTime: this.#clock.time }),
      time: mutation.verifierTime?.(process, place) ?? process,
      audience: mutation.sessions?.(this.#sessions, place) ?? this.#sessions,
      terms: mutation.verifierTerms?.(LEASE_TERMS) ?? LEASE_TERMS,
      newMemberId: () => mutation.memberId?.(process.name) ?? world.newId(`ver_${process.name}`),
      onTrouble: (error) => {
        world.trace(process.name, () => troubleText(error));
      },
    });
    this.#sessions.attend(this.#follower);
    this.#verification = this.#verificationUnder(mutation.follower?.(this.#follower, place) ?? this.#follower, place);
    this.#inquiries = this.#answeringInquiries(log);
    this.#follower.start();
    this.#inquiries?.start();
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
      return questions.map(() => NO_ANSWER);
    }
  }

  /** Handles one call of a guard. @throws MintmarkError */
  async answerGuard(
    serviceToken: string,
    requests: readonly VerifyTokenRequest[],
    sessionId: string,
  ): Promise<readonly VerifyTokenResponse[]> {
    const judgements = await this.#verification.verifyForService(serviceToken, requests.map(questionOf));
    const answers = this.#guardAnswers;
    return judgements.map((judgement) => {
      const ms = answers.keepFor(sessionId, judgement);
      return { ...writeResponse(judgement.verdict), cacheTtl: { seconds: Math.floor(ms / 1000), nanos: 0 } };
    });
  }

  /** Serves one stream of a guard, from its opening to its end. */
  watch(serviceToken: string, call: SimCall): void {
    const stream = new GuardStream(this.servers.mutation.call?.(call) ?? call, {
      sessions: this.#sessions,
      rules: NO_SESSION_RULES,
      errors: ERRORS,
      admit: () => this.#verification.admitService(serviceToken),
    });
    void stream.serve();
  }

  /** Ends as a process does that is asked to: it takes leave of the log. */
  async shutDown(): Promise<void> {
    this.#sessions.close('the verifier is shutting down');
    await this.#inquiries?.stop();
    await this.#follower.stop();
    this.process.kill();
  }

  /** Null: the log is where they would be made. */
  #answeringInquiries(log: FollowedLog): InquiryFollower | null {
    if (!(log instanceof RegisteredLog)) return null;
    const { mutation, registry } = this.servers;
    return new InquiryFollower(registry.inquiriesFor(this.process), {
      time: this.process,
      audience: mutation.inquiredAudience?.() ?? this.#sessions,
      heed: (inquiry) => {
        if (mutation.heed === undefined) this.#follower.heed(inquiry);
        else mutation.heed(inquiry, this.#follower);
      },
      registration: () => log.registration,
      onTrouble: (error) => {
        this.world.trace(this.process.name, () => troubleText(error));
      },
    });
  }

  #verificationUnder(follower: ChangeFollower, place: Place): TokenVerification {
    const { mutation, postgres } = this.servers;
    const lookup = this.#clock.learningFrom(postgres.lookupFor(this.process, () => (this.reads += 1)));
    const moves = new DigestMoves(NO_UPKEEP, PEPPERS, SILENT_LOG);
    const memory = new SecretMemory(BOUNDS);
    const reading = new SecretReading(mutation.lookup?.(lookup, place) ?? lookup, follower, memory, PEPPERS, moves);
    const uses = new LastUses(NO_UPKEEP, SILENT_LOG);
    const usage = new UsageCounts(NO_USAGE, SILENT_LOG);
    return new TokenVerification(reading, NO_RULES, uses, NO_LIMITS, usage, METRICS);
  }
}
