import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../ending/failure.js';

type Fetch = (request: Request) => Promise<Response>;

/** How long an answer may take to begin: a revocation may wait for a silent verifier's lease. */
const TRY_MS = 30_000;
const TRIES = 4;
/** Longest wait between two tries, whatever `Retry-After` says (RFC 9110, section 10.2.3). */
const LONGEST_WAIT_SECONDS = 10;

/** Asks once. Never follows to another address, which must not learn the credential. */
export const askOnce: Fetch = async (request) => {
  const tooLate = new AbortController();
  const timer = setTimeout(() => tooLate.abort(new DOMException('', 'TimeoutError')), TRY_MS);
  try {
    return await fetch(request, { redirect: 'manual', signal: tooLate.signal });
  } catch (error) {
    throw unreachable(request.url, error);
  } finally {
    clearTimeout(timer);
  }
};

/** Asks again where the answer was 503 with `Retry-After`. Only for what may be done twice without harm. */
export const askPatiently: Fetch = async (request) => {
  for (let tries = 1; ; tries += 1) {
    const response = await askOnce(request.clone());
    const wait = response.headers.get('retry-after');
    if (response.status !== 503 || wait === null || tries === TRIES) return response;
    await response.body?.cancel();
    await sleep(secondsOf(wait) * 1000);
  }
};

/** What GET, PATCH and DELETE say is the same when it is said twice; POST must be told apart by its caller. */
export const askByMethod: Fetch = (request) => (request.method === 'POST' ? askOnce(request) : askPatiently(request));

/** @param wait in whole seconds, the only form that Mintmark writes; any other counts as one second */
function secondsOf(wait: string): number {
  return Math.min(/^\d{1,6}$/.test(wait) ? Number(wait) : 1, LONGEST_WAIT_SECONDS);
}

/** The connection could not be made, or was lost. */
export function unreachable(url: string, error: unknown): Failure {
  const { origin } = new URL(url);
  if (error instanceof Error && error.name === 'TimeoutError')
    return Failure.unavailable(`${origin} has not answered within ${TRY_MS / 1000} s`, error);
  return Failure.unavailable(`${origin} can't be reached: ${reasonOf(error)}`, error);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (typeof cause === 'object' && cause !== null && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : 'the connection was lost';
}
