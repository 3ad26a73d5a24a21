import {
  type ReportUsageRequest,
  VerificationCode,
  type VerifyTokenRequest,
  VerifyTokenResponse,
  type WatchKeysRequest,
  type WatchKeysResponse,
} from '#libs/contract';
import { durationOf } from './sessions/told.js';
import type { VirtualTime } from './virtual-time.fixture.js';
import { VerifierFailure, type VerifierTransport, type WatchHandlers, type WatchStream } from './verifier/verifier-transport.js';

/** What the verifiers of a model have in common: which version of each key is the present one. */
export class ModelKeys {
  readonly #versions = new Map<string, number>();
  readonly #revoked = new Set<string>();

  versionOf(keyId: string): number {
    return this.#versions.get(keyId) ?? 0;
  }

  change(keyId: string): number {
    const version = this.versionOf(keyId) + 1;
    this.#versions.set(keyId, version);
    return version;
  }

  revoke(keyId: string): void {
    this.change(keyId);
    this.#revoked.add(keyId);
  }

  isRevoked(keyId: string): boolean {
    return this.#revoked.has(keyId);
  }
}

export const MODEL_ACCOUNT = 'acc_model';
const MARGIN_MS = 100;

/** The verifier's end of a session. */
interface ModelSession {
  readonly id: string;
  readonly held: Set<string>;
  readonly send: (message: WatchKeysResponse['message']) => void;
  readonly breakOff: () => void;
  sequence: number;
  acknowledged: number;
  leaseEnd: number;
  isLive: boolean;
}

/**
 * A verifier in memory that keeps to the contract, over a network that delays, reorders and loses questions, and breaks
 * or half-breaks streams. A key is named by the token's first byte, and its version stands in the grant's name.
 */
export class ModelVerifier implements VerifierTransport {
  readonly asked: number[] = [];
  readonly reports: ReportUsageRequest[] = [];
  readonly sessions: ModelSession[] = [];
  isAway = false;
  /** Of a verifier that keeps to the contract; in milliseconds. */
  leaseMs = 1_900;
  cacheTtlMs = 60_000;
  /** The share of questions, or of their answers, that get lost. */
  loss = 0;

  constructor(
    private readonly time: VirtualTime,
    private readonly keys: ModelKeys,
    /** Milliseconds that the next message is on its way. */
    private readonly delay: () => number,
    private readonly random: () => number,
  ) {}

  async verifyTokens(requests: readonly VerifyTokenRequest[], sessionId: string, timeoutMs: number) {
    this.asked.push(requests.length);
    return this.#within(timeoutMs, async () => {
      await this.#travel();
      const responses = requests.map((request) => this.#answer(request, sessionId));
      await this.#travel();
      return responses;
    });
  }

  async probe(timeoutMs: number): Promise<void> {
    await this.#within(timeoutMs, () => this.#travel());
  }

  reportUsage(report: ReportUsageRequest): Promise<void> {
    this.reports.push(report);
    return Promise.resolve();
  }

  watch(handlers: WatchHandlers): WatchStream {
    let [isBroken, toVerifier, toGuard] = [false, 0, 0];
    const send = (message: WatchKeysResponse['message']) => {
      toGuard = Math.max(toGuard, this.time.monotonic() + this.delay());
      this.time.after(toGuard - this.time.monotonic(), () => {
        if (!isBroken) handlers.message({ message });
      });
    };
    const breakOff = () => {
      isBroken = true;
      this.time.after(this.delay(), () => handlers.ended(new VerifierFailure('lost', 'the stream broke')));
    };
    const session = this.#newSession(send, breakOff);
    if (this.isAway) breakOff();
    return {
      send: ({ message }) => {
        toVerifier = Math.max(toVerifier, this.time.monotonic() + this.delay());
        this.time.after(toVerifier - this.time.monotonic(), () => {
          if (!isBroken && !this.isAway) this.#receive(session, message);
        });
      },
      end: () => (session.isLive = false),
    };
  }

  /** Changes a key; resolves once no guard of this verifier may answer from a version before that. */
  async enforce(keyId: string): Promise<void> {
    for (const session of this.sessions) if (session.isLive && session.held.has(keyId)) this.#tell(session, keyId);
    const told = this.sessions.map((session) => ({ session, sequence: session.sequence, until: session.leaseEnd }));
    for (const { session, sequence, until } of told) {
      while (session.acknowledged < sequence && this.time.monotonic() < until) await this.time.sleep(1);
      if (!session.isLive) await this.time.sleep(Math.max(0, until - this.time.monotonic()));
    }
  }

  /** Breaks every stream: the guard hears of it later, if at all. */
  breakStreams(halfOpen: boolean): void {
    for (const session of this.sessions) {
      if (!session.isLive) continue;
      session.isLive = false;
      if (!halfOpen) session.breakOff();
    }
  }

  #newSession(send: ModelSession['send'], breakOff: () => void): ModelSession {
    const id = `s${this.sessions.length}-${this.random()}`;
    const session = { id, held: new Set<string>(), send, breakOff, sequence: 0, acknowledged: 0, leaseEnd: 0, isLive: true };
    this.sessions.push(session);
    return session;
  }

  #receive(session: ModelSession, message: WatchKeysRequest['message']): void {
    if (message?.$case === 'acknowledge') session.acknowledged = message.value.sequence;
    if (!session.isLive) return;
    if (message?.$case === 'open') {
      session.send({ $case: 'opened', value: { sessionId: session.id, accountId: MODEL_ACCOUNT } });
    }
    if (message?.$case !== 'renew' || session.acknowledged < session.sequence) return;
    session.leaseEnd = this.time.monotonic() + this.leaseMs + MARGIN_MS;
    const lease = durationOf(this.leaseMs);
    const storeTime = new Date(this.time.monotonic());
    session.send({ $case: 'renewed', value: { renewal: message.value.renewal, lease, storeTime } });
  }

  #tell(session: ModelSession, keyId: string): void {
    session.sequence += 1;
    const scope = this.random() < 0.1 ? ({ $case: 'all', value: true } as const) : ({ $case: 'keyId', value: keyId } as const);
    session.held.delete(keyId);
    session.send({ $case: 'change', value: { sequence: session.sequence, scope } });
  }

  #answer({ credential }: VerifyTokenRequest, sessionId: string): VerifyTokenResponse {
    const keyId = keyIdOf(credential?.value as Uint8Array);
    const isRevoked = this.keys.isRevoked(keyId);
    const session = this.sessions.find(({ id, isLive }) => isLive && id === sessionId);
    if (!isRevoked) session?.held.add(keyId);
    const unset = VerifyTokenResponse.decode(new Uint8Array());
    const grant = {
      keyId,
      secretId: `${keyId}-secret`,
      accountId: MODEL_ACCOUNT,
      ownerId: '',
      name: String(this.keys.versionOf(keyId)),
      environment: '',
      scopes: [],
      allProducts: true,
      productIds: [],
      allowedCidrs: [],
      expiresAt: undefined,
      metadata: undefined,
    };
    if (isRevoked) return { ...unset, code: VerificationCode.VERIFICATION_CODE_REVOKED, grant };
    const code = VerificationCode.VERIFICATION_CODE_VALID;
    return { ...unset, valid: true, code, grant, cacheTtl: session && durationOf(this.cacheTtlMs) };
  }

  /** One way; what gets lost never arrives. */
  async #travel(): Promise<void> {
    await this.time.sleep(this.delay());
    if (this.isAway || this.random() < this.loss) await new Promise(() => undefined);
  }

  #within<Value>(timeoutMs: number, work: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const cancel = this.time.after(timeoutMs, () => reject(new VerifierFailure('timeout', 'nothing came in time')));
      void work().then((value) => {
        cancel();
        resolve(value);
      });
    });
  }
}

/** The key of a token of the model. */
export function keyIdOf(tokenSha256: Uint8Array): string {
  return `key_${tokenSha256[0]}`;
}
