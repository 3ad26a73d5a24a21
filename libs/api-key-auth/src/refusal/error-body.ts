import { STATUS_CODES } from 'node:http';
import type { Answer } from './answer.js';

/** In whose manner refusals are written: Garmint's, Keymint's, or problem details (RFC 9457). */
export const ERROR_FORMATS = ['garmint', 'keymint', 'problem'] as const;
export type ErrorFormatName = (typeof ERROR_FORMATS)[number];

export const CONTENT_TYPES: Readonly<Record<ErrorFormatName, string>> = {
  garmint: 'application/json',
  keymint: 'application/json',
  problem: 'application/problem+json',
};

export const STATUSES: Readonly<Record<Answer['code'], number>> = {
  unauthorized: 401,
  insufficient_tokens: 402,
  forbidden: 403,
  rate_limited: 429,
  unavailable: 503,
};

export function errorBody(answer: Answer, format: ErrorFormatName): object {
  switch (format) {
    case 'garmint':
      return garmintBody(answer);
    case 'keymint':
      return keymintBody(answer);
    case 'problem':
      return problemBody(answer);
  }
}

const GARMINT_MESSAGES: Readonly<Record<Answer['code'], string>> = {
  unauthorized: 'Missing or invalid API key. Provide a valid key via Authorization header.',
  forbidden: 'Key lacks permission for this action',
  insufficient_tokens: 'Not enough tokens for this action',
  rate_limited: 'Rate limit exceeded',
  unavailable: 'The API key could not be verified. Try again.',
};

function garmintBody(answer: Answer): object {
  const details = detailsOf(answer);
  return { error: { code: answer.code, message: GARMINT_MESSAGES[answer.code], ...(details === null ? {} : { details }) } };
}

const REASONS = { revoked: 'API key has been revoked', expired: 'API key has expired' } as const;

function detailsOf(answer: Answer): object | null {
  switch (answer.code) {
    case 'unauthorized':
      return answer.because === 'revoked' || answer.because === 'expired' ? { reason: REASONS[answer.because] } : null;
    case 'insufficient_tokens':
      return { required: answer.required, available: answer.available };
    case 'rate_limited':
      return { retryAfter: answer.retryAfterSeconds };
    case 'forbidden':
    case 'unavailable':
      return null;
  }
}

const KEYMINT_MESSAGES: Readonly<Record<Answer['code'], string>> = {
  unauthorized: 'Invalid access token',
  forbidden: 'Insufficient permissions for this operation',
  insufficient_tokens: 'Not enough tokens for this operation',
  rate_limited: 'Rate limit exceeded',
  unavailable: 'The access token could not be verified. Try again.',
};

function keymintBody(answer: Answer): object {
  const headerMissing = answer.code === 'unauthorized' && answer.because === 'no_header';
  return {
    message: headerMissing ? 'Missing Authorization header' : KEYMINT_MESSAGES[answer.code],
    code: answer.code === 'rate_limited' ? 3 : 1,
  };
}

function problemBody(answer: Answer): object {
  const status = STATUSES[answer.code];
  return {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: GARMINT_MESSAGES[answer.code],
    code: answer.code,
    ...detailsOf(answer),
  };
}
