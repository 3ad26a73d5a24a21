import { VerifierFailure } from '#libs/api-key-auth';
import { ErrorTranslator } from '../../../apps/verifier/src/grpc/error-translator.js';
import { failureOfStatus } from '../../../libs/api-key-auth/src/grpc/failure-of-error.js';

export const SILENT_LOG = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** As verifiers tell errors to their callers. */
export const ERRORS = new ErrorTranslator(SILENT_LOG);

/** An error of a verifier as it reaches a guard. */
export function failureOf(error: unknown): VerifierFailure {
  return error instanceof VerifierFailure ? error : failureOfStatus(ERRORS.translate(error));
}
