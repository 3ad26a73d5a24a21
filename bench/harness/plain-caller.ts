import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { framed } from './h2load.js';

/** Makes one unary gRPC call after the other on bare HTTP/2, with as little work of its own as a client in Node can. */
export class PlainCaller {
  readonly #session: ClientHttp2Session;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(serverUrl: string, path: string, serviceKey: string) {
    this.#session = connect(serverUrl);
    this.#headers = {
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: `Bearer ${serviceKey}`,
    };
  }

  /**
   * @param request the encoded message
   * @returns how long it took, in milliseconds
   * @throws Error on any grpc-status but 0
   */
  async call(request: Uint8Array): Promise<number> {
    const message = framed(request);
    const began = performance.now();
    const stream = this.#session.request(this.#headers);
    let status: unknown;
    stream.on('trailers', (trailers: IncomingHttpHeaders) => (status = trailers['grpc-status']));
    stream.on('response', (headers: IncomingHttpHeaders) => (status = headers['grpc-status']));
    stream.resume();
    stream.end(message);
    await once(stream, 'end');
    const took = performance.now() - began;
    if (status !== '0') throw new Error(`answered with grpc-status ${String(status)}`);
    return took;
  }

  close(): void {
    this.#session.close();
  }
}
