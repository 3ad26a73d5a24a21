import { Agent } from 'node:http';
import { recordSecret } from '../../support/evidence.js';
import type { Owner } from '../cluster/cluster.js';
import { KeyHistory } from '../history/key-history.js';
import { type HttpAnswer, httpCall, LostError } from './http-call.js';
import { SCOPE } from './target.js';
import type { WatchedKey } from './watched-key.js';

/** How a call that changes a key ended, as far as anybody can tell. */
export type CallOutcome =
  | { readonly kind: 'in force'; readonly by: string; readonly ms: number }
  /** There is no such key (any more), and that is in force. */
  | { readonly kind: 'gone' }
  /** Committed, and not known to be in force. */
  | { readonly kind: 'unconfirmed' }
  /** Nobody listened. */
  | { readonly kind: 'not made' }
  /** Not made, and never to be: an end that has passed is no end to be set. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown'; readonly why: string };

export interface Change {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  /** After `/api/v1/keys/{id}`. */
  readonly path: string;
  readonly body?: object;
}

const LOGIN_LIMIT_MS = 10_000;

/** The admins, as an owner with one session uses them. */
export class AdminCalls {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #cookie: string;

  private constructor(cookie: string) {
    this.#cookie = cookie;
  }

  static async signIn(host: string, owner: Owner): Promise<AdminCalls> {
    const agent = new Agent();
    const call = { method: 'POST', host, path: '/api/v1/auth/login', headers: {}, body: owner, agent, limitMs: LOGIN_LIMIT_MS };
    const { status, headers } = await httpCall(call);
    const cookie = [headers['set-cookie'] ?? []].flat()[0]?.split(';')[0];
    if (status !== 200 || cookie === undefined) throw new Error(`not signed in: ${status}`);
    recordSecret('session', cookie.slice(cookie.indexOf('=') + 1));
    return new AdminCalls(cookie);
  }

  /** Issues a key; null where that could not be done, or nobody knows whether it was. */
  async mint(host: string, limitMs: number): Promise<WatchedKey | null> {
    const body = { name: 'under faults', scopes: [SCOPE] };
    const answer = await this.#send(host, { method: 'POST', path: '', body }, limitMs);
    if (answer instanceof LostError || answer.status === 503) return null;
    if (answer.status !== 201) throw new Error(`not issued: ${answer.status} ${JSON.stringify(answer.body)}`);
    const { key, metadata } = answer.body as { readonly key: string; readonly metadata: { readonly id: string } };
    recordSecret('token', key);
    return { id: metadata.id, token: key, history: new KeyHistory(metadata.id, performance.now()) };
  }

  /** @throws Error for an answer that no outage excuses */
  async change(host: string, keyId: string, change: Change, limitMs: number): Promise<CallOutcome> {
    const answer = await this.#send(host, { ...change, path: `/${keyId}${change.path}` }, limitMs);
    if (answer instanceof LostError) {
      return answer.neverSent ? { kind: 'not made' } : { kind: 'unknown', why: answer.message };
    }
    return outcomeOf(answer);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(host: string, { method, path, body }: Change, limitMs: number): Promise<HttpAnswer | LostError> {
    const headers = { cookie: this.#cookie };
    const call = { method, host, path: `/api/v1/keys${path}`, headers, agent: this.#agent, limitMs };
    try {
      return await httpCall(body === undefined ? call : { ...call, body });
    } catch (error) {
      if (error instanceof LostError) return error;
      throw error;
    }
  }
}

function outcomeOf({ status, body }: HttpAnswer): CallOutcome {
  if (status === 200) {
    const { enforced } = body as { readonly enforced: { readonly by: string; readonly ms: number } };
    return { kind: 'in force', ...enforced };
  }
  if (status === 404) return { kind: 'gone' };
  if (status === 400) return { kind: 'refused' };
  const { code } = (body as { readonly error: { readonly code: string } }).error;
  if (status === 503) return code === 'enforcement_unconfirmed' ? { kind: 'unconfirmed' } : { kind: 'unknown', why: code };
  throw new Error(`a change was answered with ${status} ${JSON.stringify(body)}`);
}
