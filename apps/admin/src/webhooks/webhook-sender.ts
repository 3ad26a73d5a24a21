import type { LookupAddress } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { WebhookAddresses } from '#libs/lifecycle';
import { type Resolve, resolveName } from './resolve-name.js';

/** A request to a webhook. */
export interface WebhookMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came of it. */
export interface WebhookAnswer {
  readonly durationMs: number;
  /** Null: no answer came. */
  readonly statusCode: number | null;
  /** Why none came; null: one came. */
  readonly error: string | null;
  /** What its body began with, as text; null: no answer came. */
  readonly response: string | null;
  /** As it asked to wait; null: it did not. */
  readonly retryAfterSeconds: number | null;
}

export interface SenderOptions {
  /** {@link resolveName} if absent. */
  readonly resolve?: Resolve;
  /** Milliseconds from the resolving of the name to the end of the answer. */
  readonly timeoutMs?: number;
  /** PEM; the system's authorities if absent. */
  readonly ca?: string;
}
export const SenderOptions = Symbol('SenderOptions');

const RESOLVE = resolveName();

/** The specification advises 15 to 30 seconds. */
const TIMEOUT_MS = 15_000;
/** Bytes of an answer that are read, and of those what is kept. */
const READ_AT_MOST = 64 * 1024;
const KEPT_AT_MOST = 1024;

/** Makes the requests to webhooks: to public addresses alone, once, whatever they answer. */
@Injectable()
export class WebhookSender {
  constructor(
    @Inject(WebhookAddresses) private readonly addresses: WebhookAddresses,
    @Optional() @Inject(SenderOptions) private readonly options: SenderOptions = {},
  ) {}

  /** @param stop ends it early, which counts as no answer */
  async send(message: WebhookMessage, stop: AbortSignal): Promise<WebhookAnswer> {
    const begun = performance.now();
    const limit = AbortSignal.timeout(this.options.timeoutMs ?? TIMEOUT_MS);
    const outcome = await this.#answerTo(message, AbortSignal.any([stop, limit])).catch((error: unknown) => ({
      ...NO_ANSWER,
      error: limit.aborted ? 'timeout' : reasonOf(error),
    }));
    return { ...outcome, durationMs: Math.round(performance.now() - begun) };
  }

  async #answerTo({ url, headers, body }: WebhookMessage, signal: AbortSignal): Promise<Omit<WebhookAnswer, 'durationMs'>> {
    const target = new URL(url);
    // Of an address in place of a name nothing is looked up.
    if (!this.addresses.mayPermit(target.hostname)) throw new AddressRefusedError();
    const { ca } = this.options;
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      agent: false as const,
      lookup: this.#lookup,
      signal,
      ...(ca !== undefined && { ca }),
    };
    const request = target.protocol === 'https:' ? httpsRequest(target, options) : httpRequest(target, options);
    const answer = await answerOf(request, body);
    const retryAfterSeconds = retryAfterOf(answer);
    return { statusCode: answer.statusCode ?? null, error: null, response: await beginningOf(answer), retryAfterSeconds };
  }

  /** The socket connects to what this answers and to nothing else: a name can't be resolved to something else in between. */
  readonly #lookup: LookupFunction = (hostname, { all }, answer) => {
    this.#permitted(hostname).then(
      ([first, ...others]) => {
        if (all === true) answer(null, [first, ...others]);
        else answer(null, first.address, first.family);
      },
      (error: unknown) => {
        answer(error instanceof Error ? error : new Error('not resolved'), '', 0);
      },
    );
  };

  async #permitted(hostname: string): Promise<[LookupAddress, ...LookupAddress[]]> {
    const resolved = await (this.options.resolve ?? RESOLVE)(hostname);
    const [first, ...others] = resolved.filter(({ address }) => this.addresses.permits(address));
    if (first === undefined) throw new AddressRefusedError();
    return [first, ...others];
  }
}

const NO_ANSWER = { statusCode: null, response: null, retryAfterSeconds: null } as const;

class AddressRefusedError extends Error {
  readonly code = 'address_refused';
}

function answerOf(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // A fault after the answer's head ends the reading of its body.
    request.on('error', reject);
    request.end(body);
  });
}

/** Reads a bounded part, so that no endpoint can keep a connection or fill the memory by an endless answer. */
async function beginningOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= READ_AT_MOST) break; // which destroys the connection
  }
  const kept = Buffer.concat(parts).subarray(0, KEPT_AT_MOST);
  return new TextDecoder().decode(kept).replaceAll('\0', '\uFFFD'); // Postgres holds no NUL
}

/** RFC 9110, section 10.2.3; only as seconds. */
function retryAfterOf({ headers }: IncomingMessage): number | null {
  const text = headers['retry-after'];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** The kind of fault, as Node names it; its texts hold addresses of the installation's network. */
function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return /^[A-Za-z0-9_]{1,64}$/.test(code) ? code : 'no_answer';
}
