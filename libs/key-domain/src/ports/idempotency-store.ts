import type { AuditTarget } from '../audit/deed.js';
import type { Actor } from '../key/key.js';

/** For how many hours a request is remembered by its `Idempotency-Key`. */
export const IDEMPOTENCY_HOURS = 24;

/** An attempt that has not ended, and was not renewed for this many seconds, may have died with its process: a repetition takes its place. */
export const ATTEMPT_LIMIT_SECONDS = 30;

/** A request that is to be carried out once, however often it is sent. */
export interface IdempotentRequest {
  readonly accountId: string;
  readonly actor: Actor;
  /** Chosen by whoever asks: keys of one actor in one account have nothing to do with those of another. */
  readonly key: string;
  /** What tells the request from others, from which nothing of it can be guessed: under the current pepper first. */
  readonly fingerprints: readonly [Uint8Array, ...Uint8Array[]];
  /** Whether to do it twice does what it does once, so that it may be repeated where its answer was lost. */
  readonly repeatable: boolean;
}

/** An answer that holds no secret. */
export interface KeptAnswer {
  /** Of HTTP. */
  readonly status: number;
  /** JSON; empty: no body. */
  readonly body: string;
}

/** How it stands with a request that has just come. */
export type BegunRequest =
  /** It is the caller's to carry out, as this attempt. */
  | { readonly kind: 'begun'; readonly attempt: string }
  | { readonly kind: 'running' }
  /** The key was used for something else. */
  | { readonly kind: 'other_request' }
  | { readonly kind: 'answered'; readonly answer: KeptAnswer }
  /** It was done, and its answer held a secret, or was lost. */
  | { readonly kind: 'done'; readonly target: AuditTarget | null };

/**
 * Requests under an `Idempotency-Key`. What an attempt changes names it (`RequestOrigin.attempt`), and is committed only while
 * the attempt is the current one of its request, together with the note that something was done. So neither a crash nor a
 * repetition that takes the place of a slow attempt makes two things of one.
 * @throws UnavailableError when the store can't be asked
 */
export interface IdempotencyStore {
  begin(request: IdempotentRequest): Promise<BegunRequest>;
  /** The attempt goes on: from now on it has as long as at its beginning. */
  renew(attempt: string): Promise<void>;
  /** The attempt was answered. @param body null: it holds a secret, and is not to be given again */
  end(attempt: string, answer: { readonly status: number; readonly body: string | null }): Promise<void>;
  /** The attempt failed: where it has changed nothing, it was never made. */
  abandon(attempt: string): Promise<void>;
}

export const IdempotencyStore = Symbol('IdempotencyStore');
