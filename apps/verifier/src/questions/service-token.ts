import type { Metadata } from '@grpc/grpc-js';

/** RFC 6750, section 2.1; the scheme in any case (RFC 9110, section 11.1). */
const BEARER = /^Bearer +(\S+)$/i;

/** The service key that a call carries in `authorization: Bearer …`; null: none, or several. */
export function serviceTokenOf(metadata: Metadata): string | null {
  const [value, ...more] = metadata.get('authorization');
  if (typeof value !== 'string' || more.length > 0) return null;
  return BEARER.exec(value)?.[1] ?? null;
}
