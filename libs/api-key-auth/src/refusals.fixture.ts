import { expect } from '@jest/globals';
import type { HttpAnswer } from './guarded-app.fixture.js';

export const TOKEN = `gm_live_${'a1'.repeat(32)}`;
export const SERVICE_KEY = 'mm_live_service';
export const BEARER = { authorization: `Bearer ${TOKEN}` };

export const REALM = 'Bearer realm="mintmark"';
const GARMINT_401 = 'Missing or invalid API key. Provide a valid key via Authorization header.';
const garmint = (code: string, message: string, details?: object) =>
  JSON.stringify({ error: { code, message, ...(details && { details }) } });
const keymint = (message: string, code = 1) => JSON.stringify({ message, code });
const problem = (status: number, title: string, code: string, detail: string, more = {}) =>
  JSON.stringify({ type: 'about:blank', title, status, detail, code, ...more });

/** What each way to be refused looks like. */
export const INVALID = {
  status: 401,
  challenge: `${REALM}, error="invalid_token"`,
  garmint: garmint('unauthorized', GARMINT_401),
  keymint: keymint('Invalid access token'),
  problem: problem(401, 'Unauthorized', 'unauthorized', GARMINT_401),
};
export const because = (reason: string) => ({
  ...INVALID,
  garmint: garmint('unauthorized', GARMINT_401, { reason }),
  problem: problem(401, 'Unauthorized', 'unauthorized', GARMINT_401, { reason }),
});
export const FORBIDDEN = {
  status: 403,
  challenge: `${REALM}, error="insufficient_scope"`,
  garmint: garmint('forbidden', 'Key lacks permission for this action'),
  keymint: keymint('Insufficient permissions for this operation'),
  problem: problem(403, 'Forbidden', 'forbidden', 'Key lacks permission for this action'),
};
export const QUOTA = {
  status: 402,
  garmint: garmint('insufficient_tokens', 'Not enough tokens for this action', { required: 1, available: 0 }),
  keymint: keymint('Not enough tokens for this operation'),
  problem: problem(402, 'Payment Required', 'insufficient_tokens', 'Not enough tokens for this action', {
    required: 1,
    available: 0,
  }),
};
export const RATE = {
  status: 429,
  retryAfter: '60',
  garmint: garmint('rate_limited', 'Rate limit exceeded', { retryAfter: 60 }),
  keymint: keymint('Rate limit exceeded', 3),
  problem: problem(429, 'Too Many Requests', 'rate_limited', 'Rate limit exceeded', { retryAfter: 60 }),
};
export const UNAVAILABLE = {
  status: 503,
  retryAfter: '1',
  garmint: garmint('unavailable', 'The API key could not be verified. Try again.'),
  keymint: keymint('The access token could not be verified. Try again.'),
  problem: problem(503, 'Service Unavailable', 'unavailable', 'The API key could not be verified. Try again.'),
};

export interface Expected {
  readonly status: number;
  readonly challenge?: string;
  readonly retryAfter?: string;
  readonly garmint: string;
  readonly keymint: string;
  readonly problem: string;
}

export const NO_HEADER = { ...INVALID, challenge: REALM, keymint: keymint('Missing Authorization header') };
export const BAD_HEADER = { ...INVALID, challenge: `${REALM}, error="invalid_request"` };

/** Holds an answer to a refusal's bytes and headers in one format. */
export function expectRefusal(answer: HttpAnswer, format: 'garmint' | 'keymint' | 'problem', expected: Expected): void {
  expect(answer).toMatchObject({ status: expected.status, text: expected[format] });
  expect(answer.headers['www-authenticate']).toBe(expected.challenge);
  expect(answer.headers['retry-after']).toBe(expected.retryAfter);
  expect(answer.headers['content-type']).toBe(`application/${format === 'problem' ? 'problem+' : ''}json; charset=utf-8`);
}
