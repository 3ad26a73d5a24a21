import { MintmarkError } from '#libs/key-domain';

/** An error as the trace tells it. */
export function troubleText(error: unknown): string {
  return error instanceof MintmarkError ? `trouble: ${error.detail ?? error.message}` : `trouble: ${String(error)}`;
}
