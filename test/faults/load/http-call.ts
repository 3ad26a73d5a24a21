import { type Agent, request } from 'node:http';

export interface HttpCall {
  readonly method: string;
  /** `host:port` */
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly agent: Agent;
  /** Milliseconds after which the answer is given up. */
  readonly limitMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The JSON that came; null where none did. */
  readonly body: unknown;
}

/** There is no answer. */
export class LostError extends Error {
  override readonly name = 'LostError';

  /** @param neverSent for certain: nobody listened */
  constructor(
    reason: string,
    readonly neverSent: boolean,
  ) {
    super(reason);
  }
}

/** @throws LostError */
export function httpCall({ method, host, path, headers, body, agent, limitMs }: HttpCall): Promise<HttpAnswer> {
  const [hostname, port] = host.split(':');
  const text = body === undefined ? null : JSON.stringify(body);
  const allHeaders = { ...headers, ...(text !== null && { 'content-type': 'application/json', 'content-length': text.length }) };
  return new Promise((resolve, reject) => {
    const lose = (reason: string, neverSent = false) => {
      reject(new LostError(reason, neverSent));
    };
    const call = request({ method, hostname, port, path, headers: allHeaders, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => {
        lose('the answer broke off');
      });
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer === '' ? null : JSON.parse(answer) });
      });
    });
    const timer = setTimeout(() => {
      lose(`no answer in ${limitMs} ms`);
      call.destroy();
    }, limitMs);
    call.on('close', () => {
      clearTimeout(timer);
      lose('closed');
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      lose(error.code ?? error.message, error.code === 'ECONNREFUSED');
    });
    call.end(text ?? undefined);
  });
}
