import { type Answer } from './answer.js';
import { CONTENT_TYPES, type ErrorFormatName } from './error-body.js';

const REALM = 'Bearer realm="mintmark"';

/** The headers of a refusal, names in lower case. */
export function errorHeaders(answer: Answer, format: ErrorFormatName): Readonly<Record<string, string>> {
  const challenge = challengeOf(answer);
  return {
    'content-type': `${CONTENT_TYPES[format]}; charset=utf-8`,
    ...(challenge === null ? {} : { 'www-authenticate': challenge }),
    ...('retryAfterSeconds' in answer ? { 'retry-after': String(answer.retryAfterSeconds) } : {}),
  };
}

/** RFC 6750, section 3; null where no other token would help. */
function challengeOf(answer: Answer): string | null {
  switch (answer.code) {
    case 'unauthorized':
      return answer.error === null ? REALM : `${REALM}, error="${answer.error}"`;
    case 'forbidden': {
      const scope = answer.requiredScopes.join(' ');
      return `${REALM}, error="insufficient_scope"${scope === '' ? '' : `, scope="${scope}"`}`;
    }
    case 'insufficient_tokens':
    case 'rate_limited':
    case 'unavailable':
      return null;
  }
}
