import { Failure } from '../ending/failure.js';

/** Codes of connections that ended once they were made: what was asked may have been carried out. */
const LOST = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

/** Whether a connection was made, and lost before the answer came. */
export function wasLost(error: unknown): boolean {
  return LOST.includes(codeOf(error) ?? '');
}

/** @throws Failure that says why there is no answer */
export function unreachable(url: string, error: unknown, limitSeconds: number): never {
  const { origin } = new URL(url);
  if (error instanceof Error && error.name === 'TimeoutError')
    throw Failure.unavailable(`${origin} has not answered within ${limitSeconds} s`, error);
  const why = wasLost(error) ? 'the connection was lost' : (codeOf(error) ?? 'no connection could be made');
  throw Failure.unavailable(`${origin} can't be reached: ${why}`, error);
}

/** The system's or the client's word for what happened; undefined where there is none. */
function codeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : undefined;
}
