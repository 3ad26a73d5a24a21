import { type ServiceError, status } from '@grpc/grpc-js';
import { type FailureKind, VerifierFailure } from '../verifier/verifier-transport.js';

/** Trailing metadata of the errors that a verifier itself answers with, rather than the network on the way to it. */
const ERROR_NAME = 'mintmark-error';

/** What a status means for a guard. Nobody here cancels a question, so CANCELLED is a server that closed the connection. */
const KINDS: ReadonlyMap<status, FailureKind> = new Map<status, FailureKind>([
  [status.UNAVAILABLE, 'lost'],
  [status.CANCELLED, 'lost'],
  [status.DEADLINE_EXCEEDED, 'timeout'],
  [status.INVALID_ARGUMENT, 'invalid'],
  [status.RESOURCE_EXHAUSTED, 'too_large'],
  [status.UNAUTHENTICATED, 'unauthenticated'],
  [status.PERMISSION_DENIED, 'denied'],
  [status.UNIMPLEMENTED, 'unimplemented'],
]);

export function failureOfError(error: unknown): VerifierFailure {
  if (error instanceof VerifierFailure) return error;
  if (isServiceError(error)) return failureOfStatus(error);
  return new VerifierFailure('other', 'the verifier could not be asked', error);
}

/** The end user's token has no part in any of these: the message is for the service's own people. */
export function failureOfStatus({
  code,
  details,
  metadata,
}: Pick<ServiceError, 'code' | 'details' | 'metadata'>): VerifierFailure {
  const isItsOwnWord = metadata.get(ERROR_NAME).length > 0;
  const kind = code === status.UNAVAILABLE && isItsOwnWord ? 'unable' : (KINDS.get(code) ?? 'other');
  return new VerifierFailure(kind, messageOf(code, details));
}

function messageOf(code: status, details: string): string {
  switch (code) {
    case status.UNAUTHENTICATED:
      return 'the verifier does not accept the service key: check serviceKey (MINTMARK_SERVICE_KEY, or the file service-key that npm start reads)';
    case status.PERMISSION_DENIED:
      return 'the service key (serviceKey, MINTMARK_SERVICE_KEY) lacks the scope mintmark:tokens:verify';
    default:
      return `the verifier could not be asked: ${status[code]} ${details}`;
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}
