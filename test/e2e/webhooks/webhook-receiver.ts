import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Of the answer that was given. */
  readonly status: number;
}

export interface Event {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const WITHIN_MS = 20_000;

/** An endpoint of a customer. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** What it answers with next; 204 once it has run out. Null: it does not answer. */
  answers: (number | null)[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const receiver = new WebhookReceiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
    server.on('request', (request, response) => {
      void request.toArray().then((parts: Buffer[]) => {
        const { answers, received } = receiver;
        const status = answers.length > 0 ? (answers.shift() ?? null) : 204;
        received.push({ headers: request.headers, body: Buffer.concat(parts).toString(), status: status ?? 0 });
        if (status !== null) response.writeHead(status).end(status === 204 ? '' : 'as told');
      });
    });
    return receiver;
  }

  /** The first `count` requests, once there are as many. */
  async first(count: number): Promise<readonly Received[]> {
    const end = Date.now() + WITHIN_MS;
    while (this.received.length < count) {
      if (Date.now() > end)
        throw new Error(`${this.received.length} of ${count} requests came: ${JSON.stringify(this.received)}`);
      await sleep(20);
    }
    return this.received.slice(0, count);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** What was told, once the specification's own library has found the signature to be right. */
export function verified(secret: string, { headers, body }: Received): Event {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as Event;
}
