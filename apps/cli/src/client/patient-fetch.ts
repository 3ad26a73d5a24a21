import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable, wasLost } from './unreachable.js';

type Fetch = (request: Request) => Promise<Response>;

/** How long an answer may take to begin: a revocation may wait for a silent verifier's lease. */
const TRY_SECONDS = 30;
const TRIES = 4;
/** Longest wait between two tries, whatever `Retry-After` says (RFC 9110, section 10.2.3). */
const LONGEST_WAIT_SECONDS = 10;

export const IDEMPOTENCY_KEY = 'Idempotency-Key';

/** Asks once. Never follows to another address, which must not learn the credential. */
export const askOnce: Fetch = (request) =>
  tryOnce(request).catch((error: unknown) => unreachable(request.url, error, TRY_SECONDS));

/**
 * Asks again where the answer was lost, or says when to come again: a 503, or a 409 while an earlier try is being
 * carried out. Only for what may be asked twice without harm.
 */
export const askPatiently: Fetch = async (request) => {
  for (let tries = 1; tries < TRIES; tries += 1) {
    const response = await tryOnce(request.clone()).catch((error: unknown) =>
      wasLost(error) ? null : unreachable(request.url, error, TRY_SECONDS),
    );
    const wait = response === null ? '1' : waitOf(response);
    if (response !== null && wait === null) return response;
    await response?.body?.cancel();
    await sleep(secondsOf(wait) * 1000);
  }
  return askOnce(request);
};

/** What GET and PATCH say is the same when it is said twice, and a POST that bears an `Idempotency-Key` is carried out once. */
export const askByMethod: Fetch = (request) => {
  const isRepeatable = ['GET', 'PATCH'].includes(request.method) || request.headers.has(IDEMPOTENCY_KEY);
  return isRepeatable ? askPatiently(request) : askOnce(request);
};

async function tryOnce(request: Request): Promise<Response> {
  const tooLate = new AbortController();
  const timer = setTimeout(() => tooLate.abort(new DOMException('', 'TimeoutError')), TRY_SECONDS * 1000);
  try {
    return await fetch(request, { redirect: 'manual', signal: tooLate.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** Null: the answer stands. */
function waitOf({ status, headers }: Response): string | null {
  return status === 503 || status === 409 ? headers.get('retry-after') : null;
}

/** @param wait in whole seconds, the only form that Mintmark writes; any other counts as one second */
function secondsOf(wait: string | null): number {
  return Math.min(wait !== null && /^\d{1,6}$/.test(wait) ? Number(wait) : 1, LONGEST_WAIT_SECONDS);
}
