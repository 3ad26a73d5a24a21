import { recordSecret } from './evidence.js';
import type { Stack } from './stack.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON that came, or null where nothing did. */
  readonly body: unknown;
}

/** Speaks to the admin app under `/api/v1`, with a session cookie or a management key. */
export class AdminClient {
  constructor(
    private readonly baseUrl: string,
    private readonly credential: Readonly<Record<string, string>>,
  ) {}

  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }
  patch(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('PATCH', path, body, headers);
  }
  delete(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('DELETE', path, undefined, headers);
  }

  /** The session cookie as a request carries it; empty for a client without a session. */
  get cookie(): string {
    return this.credential['cookie'] ?? '';
  }

  private async send(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const answer = await fetch(`${this.baseUrl}/api/v1${path}`, {
      method,
      headers: { ...this.credential, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const parsed: unknown = text === '' ? null : JSON.parse(text);
    noteSecrets(answer.headers, parsed);
    return { status: answer.status, headers: answer.headers, body: parsed };
  }
}

/** Nobody: requests without a credential. */
export function anonymous(stack: Stack): AdminClient {
  return new AdminClient(stack.adminUrl, {});
}

/** Somebody who presents a token as bearer. */
export function bearer(stack: Stack, token: string): AdminClient {
  return new AdminClient(stack.adminUrl, { authorization: `Bearer ${token}` });
}

/** Signs in as the stack's first owner, or as another person. */
export async function signIn(
  stack: Stack,
  { email, password }: { readonly email: string; readonly password: string } = stack,
): Promise<AdminClient> {
  return sessionOf(stack, await anonymous(stack).post('/auth/login', { email, password }));
}

/** Goes on in the session that an answer opened. */
export function sessionOf(stack: Stack, { status, headers, body }: Answer): AdminClient {
  const cookie = sessionCookie(headers);
  if (status >= 400 || cookie === null) throw new Error(`not signed in: ${status} ${JSON.stringify(body)}`);
  return new AdminClient(stack.adminUrl, { cookie: `${SESSION_COOKIE}=${cookie}` });
}

const SESSION_COOKIE = 'mintmark_session';

function sessionCookie(headers: Headers): string | null {
  const pair = headers.getSetCookie().find((cookie) => cookie.startsWith(`${SESSION_COOKIE}=`));
  return pair?.split(';')[0]?.slice(SESSION_COOKIE.length + 1) || null;
}

function noteSecrets(headers: Headers, body: unknown): void {
  const session = sessionCookie(headers);
  if (session !== null) recordSecret('session', session);
  if (typeof body === 'object' && body !== null && 'key' in body && typeof body.key === 'string') recordSecret('token', body.key);
}
