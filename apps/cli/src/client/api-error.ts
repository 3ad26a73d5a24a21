import { z } from 'zod';
import { EXIT, type ExitCode } from '../ending/exit-codes.js';
import { Failure } from '../ending/failure.js';

const faults = z.array(z.object({ path: z.string(), message: z.string() }));

const envelope = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    // Why a presented key is not accepted is a word here, and not a list.
    details: z.object({ reason: faults.catch([]), keyId: z.string().optional() }).optional(),
  }),
});

/** What the API answered instead of doing what was asked. */
export class ApiError extends Failure {
  override readonly name = 'ApiError';

  private constructor(
    readonly code: string,
    message: string,
    exitCode: ExitCode,
  ) {
    super(message, exitCode);
  }

  /** @param body the answer's, as far as it could be read */
  static of(status: number, body: unknown): ApiError {
    const { success, data } = envelope.safeParse(body);
    if (!success)
      return new ApiError('unknown', `The answer ${status} is not one of Mintmark's. Is the address right?`, EXIT.unavailable);
    const { code, message, details } = data.error;
    const told = (details?.reason ?? []).map((fault) => (fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`));
    const made = details?.keyId === undefined ? [] : [`key ${details.keyId}`];
    const text = [`${code}: ${message}`, ...told, ...made].join(' | ');
    return new ApiError(code, text, exitCodeOf(status, code));
  }
}

function exitCodeOf(status: number, code: string): ExitCode {
  if (code === 'enforcement_unconfirmed') return EXIT.unconfirmed;
  if (status === 401) return EXIT.notSignedIn;
  return status === 429 || status >= 500 ? EXIT.unavailable : EXIT.refused;
}
