import type { ServerDuplexStream } from '@grpc/grpc-js';
import {
  GUARD_TERMS,
  type GuardChannel,
  type GuardMessage,
  type GuardSession,
  type GuardSessions,
  NoSessionError,
} from '#libs/coherence';
import type { OpenSession, WatchKeysRequest, WatchKeysResponse } from '#libs/contract';
import { ForbiddenError, InvalidRequestError, UnauthorizedError } from '#libs/key-domain';
import type { AdmittedService } from '#libs/verification';
import type { ErrorTranslator } from '../grpc/error-translator.js';
import type { SessionRules } from './session-rules.js';
import { StreamBacklog } from './stream-backlog.js';
import { weightOf, writeMessage } from './write-message.js';

export type WatchCall = ServerDuplexStream<WatchKeysRequest, WatchKeysResponse>;

/** As much of the call as a session needs. */
export interface GuardCall {
  on(event: 'error' | 'cancelled' | 'end', listener: () => void): unknown;
  on(event: 'data', listener: (request: WatchKeysRequest) => void): unknown;
  emit(event: 'error', error: unknown): unknown;
  write(message: WatchKeysResponse): unknown;
  end(): unknown;
  readonly writableLength: number;
}

export interface GuardStreamOptions {
  readonly sessions: GuardSessions;
  readonly rules: Pick<SessionRules, 'tell'>;
  readonly errors: Pick<ErrorTranslator, 'translate'>;
  /**
   * Judges the service key that the stream was opened with.
   * @throws MintmarkError at once or later
   */
  readonly admit: () => AdmittedService | Promise<AdmittedService>;
  /** Told when nobody answers under the session any more. */
  readonly over?: (sessionId: string) => void;
  /** Lets go of the stream, a while after its end, with all that has not left by then. */
  readonly letGo?: () => void;
}

/** One guard's stream: its first message opens a session, which lives no longer than the stream. */
export class GuardStream implements GuardChannel {
  #session: GuardSession | null = null;
  #isOver = false;
  /** A renewal waits for the service key to be judged. */
  #isJudging = false;
  #renewal: number | null = null;
  readonly #backlog = new StreamBacklog();
  #cancelOpening: () => void = () => undefined;

  constructor(
    private readonly call: GuardCall,
    private readonly options: GuardStreamOptions,
  ) {}

  /** Nothing is read before the service key is accepted. */
  async serve(): Promise<void> {
    this.call.on('error', () => {
      this.#break();
    });
    this.call.on('cancelled', () => {
      this.#break();
    });
    this.call.on('end', () => {
      this.#break();
      this.#end();
    });
    try {
      const service = await this.options.admit();
      this.#awaitOpening();
      this.call.on('data', (request: WatchKeysRequest) => {
        this.#take(request, service);
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  send(message: GuardMessage): void {
    if (this.#isOver) return;
    const written = writeMessage(message);
    this.#backlog.note(weightOf(written));
    this.call.write(written);
  }

  backlog(): number {
    return this.#backlog.bytes(this.call.writableLength);
  }

  close(): void {
    if (this.#session !== null) this.options.over?.(this.#session.id);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end();
  }

  #take({ message }: WatchKeysRequest, service: AdmittedService): void {
    if (this.#isOver) return;
    try {
      if (message?.$case === 'open') this.#open(service, message.value);
      else if (message?.$case === 'renew') this.#renew(message.value.renewal);
      else if (message?.$case === 'acknowledge') this.#acknowledge(message.value.sequence);
      else if (message?.$case === 'leave') this.#opened.leave();
      else throw InvalidRequestError.at('message', 'is none that is known here');
    } catch (error) {
      this.#fail(error);
    }
  }

  #open({ record: { accountId, keyId }, stamp }: AdmittedService, { staleWhileUnavailable: window }: OpenSession): void {
    if (this.#session !== null) throw InvalidRequestError.at('open', 'is the first message of a stream, and only that');
    const staleMs = window === undefined ? 0 : Math.max(0, window.seconds * 1000 + window.nanos / 1_000_000);
    this.#cancelOpening();
    this.#session = this.options.sessions.open({ accountId, keyId }, stamp, this, staleMs);
    void this.options.rules.tell(this.#session);
  }

  #acknowledge(sequence: number): void {
    const session = this.#opened;
    if (!session.acknowledge(sequence)) throw InvalidRequestError.at('acknowledge.sequence', 'was never told');
    if (session.wantsRules) void this.options.rules.tell(session);
  }

  /** The service key is judged anew each time; of renewals that come meanwhile, the last one counts. */
  #renew(renewal: number): void {
    const session = this.#opened;
    session.asks();
    this.#renewal = renewal;
    if (this.#isJudging) return;
    try {
      const admitted = this.options.admit();
      if (admitted instanceof Promise) void this.#renewLater(session, admitted);
      else session.renew(renewal);
    } catch (error) {
      this.#refuse(session, error);
    }
  }

  async #renewLater(session: GuardSession, admitted: Promise<AdmittedService>): Promise<void> {
    this.#isJudging = true;
    try {
      await admitted;
      session.renew(this.#renewal ?? 0);
    } catch (error) {
      this.#refuse(session, error);
    } finally {
      this.#isJudging = false;
    }
  }

  /** While the service key can't be judged nothing is said: the guard asks again. */
  #refuse(session: GuardSession, error: unknown): void {
    this.options.errors.translate(error);
    if (error instanceof UnauthorizedError || error instanceof ForbiddenError) session.end('the service key is not accepted');
  }

  #awaitOpening(): void {
    if (this.#isOver) return;
    this.#cancelOpening = this.options.sessions.time.after(GUARD_TERMS.opening, () => {
      this.#fail(new NoSessionError('No session was asked for in time.'));
    });
  }

  get #opened(): GuardSession {
    if (this.#session === null) throw InvalidRequestError.at('message', 'must be open: it is the first of the stream');
    return this.#session;
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#break();
    this.call.emit('error', this.options.errors.translate(error));
    this.#letGoLater();
  }

  #end(): void {
    this.call.end();
    this.#letGoLater();
  }

  /** What was told last can still be read; what is not read by then is not kept for it. */
  #letGoLater(): void {
    const { letGo, sessions } = this.options;
    if (letGo !== undefined) sessions.time.after(GUARD_TERMS.leaving, letGo);
  }

  #break(): void {
    this.#cancelOpening();
    this.#isOver = true;
    this.#session?.break();
  }
}
