import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import {
  AlreadyDoneError,
  ATTEMPT_LIMIT_SECONDS,
  IdempotencyStore,
  type IdempotentRequest,
  InProgressError,
  InvalidRequestError,
  type KeptAnswer,
  PepperRing,
} from '#libs/key-domain';
import { attributionOf, type Principal } from '../principal.js';

/** A request as far as it counts for whether another is the same. */
export interface CarriedOutOnce extends Pick<IdempotentRequest, 'key' | 'repeatable'> {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** As JSON has it. */
  readonly body: unknown;
}

/** Milliseconds after which somebody who waits for another attempt looks again. */
const LOOKS_AFTER_MS = [50, 100, 200, 400, 800, 1500];

const RETRY_AFTER_SECONDS = 1;

/** Two renewals may fail before a repetition takes the place of an attempt. */
const RENEWED_EVERY_MS = (ATTEMPT_LIMIT_SECONDS * 1000) / 3;

/** Sees to it that a request which is sent several times under one `Idempotency-Key` is carried out once. */
@Injectable()
export class IdempotentRequests {
  constructor(
    @Inject(IdempotencyStore) private readonly store: IdempotencyStore,
    private readonly peppers: PepperRing,
  ) {}

  /**
   * Waits a while for another attempt at the same request.
   * @returns the attempt that is the caller's to make, or the answer that was given before
   * @throws InvalidRequestError at `Idempotency-Key` where it was used for another request
   * @throws AlreadyDoneError where the answer can't be given again
   * @throws InProgressError
   */
  async begin(principal: Principal, request: CarriedOutOnce): Promise<{ readonly attempt: string } | KeptAnswer> {
    const { key, repeatable } = request;
    const { actor } = attributionOf(principal);
    const fingerprints = this.#fingerprints(request);
    const asked = { accountId: principal.accountId, actor, key, repeatable, fingerprints };
    for (const wait of [...LOOKS_AFTER_MS, 0]) {
      const stand = await this.store.begin(asked);
      if (stand.kind === 'begun') return stand;
      if (stand.kind === 'answered') return stand.answer;
      if (stand.kind === 'done') throw new AlreadyDoneError(DONE, stand.target);
      if (stand.kind === 'other_request') throw InvalidRequestError.at('Idempotency-Key', USED);
      await sleep(wait);
    }
    throw new InProgressError('The same request is being carried out. Ask again.', RETRY_AFTER_SECONDS);
  }

  /**
   * Has an attempt go on for as long as its work does: a repetition takes the place of none that is alive.
   * @param failed told of a renewal that failed; the next one may succeed
   */
  async during<Result>(attempt: string, work: () => Promise<Result>, failed: (error: unknown) => void): Promise<Result> {
    const renewing = setInterval(() => void this.store.renew(attempt).catch(failed), RENEWED_EVERY_MS);
    try {
      return await work();
    } finally {
      clearInterval(renewing);
    }
  }

  /** @param body JSON, or null where it holds a secret */
  end(attempt: string, answer: { readonly status: number; readonly body: string | null }): Promise<void> {
    return this.store.end(attempt, answer);
  }

  abandon(attempt: string): Promise<void> {
    return this.store.abandon(attempt);
  }

  /** Under the peppers: a body may hold a password, which a bare digest would let be guessed. */
  #fingerprints({ method, path, body }: CarriedOutOnce): readonly [Buffer, ...Buffer[]] {
    const text = written(['idempotent request', method, path, body ?? null]);
    const sha256 = createHash('sha256').update(text, 'utf8').digest();
    return [this.peppers.digest(sha256).digest, ...this.peppers.digests(sha256).map(({ digest }) => digest)];
  }
}

/** @throws InvalidRequestError where a body is nested so deeply that writing it takes more than the stack */
function written(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw error instanceof RangeError ? InvalidRequestError.at('', 'The body is nested too deeply.') : error;
  }
}

const USED = 'The key was used for another request. Take a new one.';
const DONE =
  'The request was carried out before, under the same Idempotency-Key, and its answer, which may hold a secret, is not given again.';
