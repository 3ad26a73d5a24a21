import { Agent } from 'node:http';
import type { Verdict } from '../history/key-traits.js';
import { type HttpAnswer, httpCall, LostError } from './http-call.js';
import { ANSWER_LIMIT_MS, type Target, type TargetAnswer } from './target.js';

/** The route of the example that requires the scope, in Garmint's format of errors. */
const PATH = '/api/v1/garments';

/** A service behind a guard, asked as its users do. */
export class GuardTarget implements Target {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(
    readonly name: string,
    private readonly host: string,
  ) {}

  async ask(token: string): Promise<TargetAnswer> {
    const headers = { authorization: `Bearer ${token}` };
    const call = { method: 'GET', host: this.host, path: PATH, headers, agent: this.#agent, limitMs: ANSWER_LIMIT_MS };
    try {
      return answerOf(await httpCall(call));
    } catch (error) {
      if (error instanceof LostError) return { kind: 'lost' };
      throw error;
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

function answerOf({ status, body }: HttpAnswer): TargetAnswer {
  switch (status) {
    case 200:
      return verdict('VALID');
    case 401:
      return verdict(...unauthorized(JSON.stringify(body)));
    case 403:
      return verdict('INSUFFICIENT_SCOPE');
    case 503:
      return { kind: 'unavailable' };
    default:
      return { kind: 'unexpected', what: `${status} ${JSON.stringify(body)}` };
  }
}

function verdict(...verdicts: Verdict[]): TargetAnswer {
  return { kind: 'verdict', verdicts };
}

function unauthorized(body: string): Verdict[] {
  if (body.includes('has been revoked')) return ['REVOKED'];
  if (body.includes('has expired')) return ['EXPIRED'];
  return ['NOT_FOUND', 'DISABLED'];
}
