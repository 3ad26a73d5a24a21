import type {
  ReportUsageRequest,
  VerifyTokenRequest,
  VerifyTokenResponse,
  WatchKeysRequest,
  WatchKeysResponse,
} from '#libs/contract';

/** Why a verifier did not answer. */
export type FailureKind =
  /** The question or its answer was lost on the way. */
  | 'lost'
  /** The verifier is there and says that it can't answer this now: its store is away. */
  | 'unable'
  /** Nothing came in time. */
  | 'timeout'
  /** Something in the question is not as the contract has it. */
  | 'invalid'
  /** The question or its answer is larger than a message may be. */
  | 'too_large'
  /** The service key is not accepted. */
  | 'unauthenticated'
  /** The service key may not verify. */
  | 'denied'
  /** This is no verifier, or one that does not know the call. */
  | 'unimplemented'
  /** It was not asked at all: the service key could not be read. */
  | 'unasked'
  | 'other';

/** A verifier did not answer. That says nothing about any token. */
export class VerifierFailure extends Error {
  override readonly name = 'VerifierFailure';

  /** @param message for the log of the service; it holds neither a token nor a key */
  constructor(
    readonly kind: FailureKind,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** Whether somebody else may be able to answer. */
export function isAwayFailure(error: unknown): error is VerifierFailure {
  return error instanceof VerifierFailure && (isSilence(error) || error.kind === 'unable');
}

/** Whether a verifier said it that could have judged a token. */
export function isAnswer(failure: VerifierFailure): boolean {
  return !isSilence(failure) && failure.kind !== 'unable' && failure.kind !== 'unasked';
}

/** Nothing came from the verifier itself. */
export function isSilence({ kind }: VerifierFailure): boolean {
  return kind === 'lost' || kind === 'timeout';
}

/** One verifier, as the contract `mintmark.v1.TokenVerifierService` has it. Whatever fails, fails as a {@link VerifierFailure}. */
export interface VerifierTransport {
  /**
   * Asks about tokens; the answers stand in the order of the questions.
   * @param sessionId names the session under which answers are to be kept; empty: none
   * @param timeoutMs milliseconds; what has not been answered by then fails with `timeout`
   */
  verifyTokens(
    requests: readonly VerifyTokenRequest[],
    sessionId: string,
    timeoutMs: number,
  ): Promise<readonly VerifyTokenResponse[]>;
  /** Asks about nothing, to see whether it answers. */
  probe(timeoutMs: number): Promise<void>;
  /** Opens a stream of WatchKeys. It calls none of the handlers before it has returned. */
  watch(handlers: WatchHandlers): WatchStream;
  reportUsage(report: ReportUsageRequest): Promise<void>;
}

export interface WatchHandlers {
  message(message: WatchKeysResponse): void;
  /** Nothing more comes; called once. Null: the verifier closed the stream in good order. */
  ended(failure: VerifierFailure | null): void;
}

export interface WatchStream {
  /** Sends a message; does nothing on a stream that has ended. */
  send(message: WatchKeysRequest): void;
  /** Says that nothing more is sent, and lets go of the stream. */
  end(): void;
}
