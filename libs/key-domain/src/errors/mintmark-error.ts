/** The kinds of failure that a caller can tell apart; each edge has one translator from these to its transport. */
export const ERROR_CODES = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'rate_limited',
  'enforcement_unconfirmed',
  'unavailable',
  'internal_error',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export type ErrorLevel = 'debug' | 'info' | 'warn' | 'error';

/** One fault in what a caller sent. */
export interface InputFault {
  /** Where it stands, e.g. `rateLimits.0.limit`; empty: the whole. */
  readonly path: string;
  readonly message: string;
}

export interface ErrorFacts {
  /** For the log alone; never sent to a caller, and never holding a secret. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** A failure with a name. It knows no transport. */
export abstract class MintmarkError extends Error {
  abstract readonly code: ErrorCode;
  /** How loudly it is logged. */
  abstract readonly level: ErrorLevel;
  readonly detail: string | undefined;

  /** @param publicMessage safe to send to any caller */
  constructor(
    readonly publicMessage: string,
    facts: ErrorFacts = {},
  ) {
    super(publicMessage, { cause: facts.cause });
    this.name = new.target.name;
    this.detail = facts.detail;
  }
}

/** What was sent can't be accepted. */
export class InvalidRequestError extends MintmarkError {
  readonly code = 'invalid_request';
  readonly level = 'debug';

  constructor(
    readonly faults: readonly InputFault[],
    facts?: ErrorFacts,
  ) {
    super('The request is not valid.', facts);
  }

  /** A single fault, at `path`. */
  static at(path: string, message: string): InvalidRequestError {
    return new InvalidRequestError([{ path, message }]);
  }
}

/** Nobody known is asking. */
export class UnauthorizedError extends MintmarkError {
  readonly code = 'unauthorized';
  readonly level = 'debug';
}

/** Somebody known is asking for what is not theirs to do. */
export class ForbiddenError extends MintmarkError {
  readonly code = 'forbidden';
  readonly level = 'info';
}

/** It does not exist, or not for this caller: the two are not told apart. */
export class NotFoundError extends MintmarkError {
  readonly code = 'not_found';
  readonly level = 'debug';
}

/** The state of things forbids it. */
export class ConflictError extends MintmarkError {
  readonly code = 'conflict';
  readonly level = 'debug';
}

/** What an account offers, or its policy, is no longer what somebody went by: whoever goes by it anew may succeed. */
export class OfferChangedError extends ConflictError {
  constructor() {
    super('What the account offers was changed meanwhile. Try again.');
  }
}

/** The same request was carried out before, under the same `Idempotency-Key`, and its answer can't be given again. */
export class AlreadyDoneError extends ConflictError {
  constructor(
    publicMessage: string,
    /** What it was done to, or what it made; null: nothing that has an id. */
    readonly target: { readonly type: string; readonly id: string } | null,
  ) {
    super(publicMessage);
  }
}

/** The same request is being carried out at the moment, under the same `Idempotency-Key`. */
export class InProgressError extends ConflictError {
  constructor(
    publicMessage: string,
    /** Whole seconds to wait. */
    readonly retryAfterSeconds: number,
  ) {
    super(publicMessage);
  }
}

/** Too many attempts. */
export class RateLimitedError extends MintmarkError {
  readonly code = 'rate_limited';
  readonly level = 'info';

  constructor(
    publicMessage: string,
    /** Whole seconds to wait. */
    readonly retryAfterSeconds: number,
    facts?: ErrorFacts,
  ) {
    super(publicMessage, facts);
  }
}

/** The change is committed, but nobody confirmed that it is enforced everywhere; repeating it is safe and waits again. */
export class EnforcementUnconfirmedError extends MintmarkError {
  readonly code = 'enforcement_unconfirmed';
  readonly level = 'error';
}

/** The question could not be answered now; it may be asked again. Says nothing about any token. */
export class UnavailableError extends MintmarkError {
  readonly code = 'unavailable';
  readonly level: ErrorLevel = 'error';
}
