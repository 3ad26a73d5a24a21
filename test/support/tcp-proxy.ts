import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a process and its database on the loopback address, so that a test can take the database away. */
export class TcpProxy {
  private readonly server = createServer((client) => this.join(client));
  private readonly sockets = new Set<Socket>();
  private state: 'open' | 'cut' | 'stalled' = 'open';
  private losing: string | null = null;

  private constructor(private readonly target: URL) {}

  static async before(databaseUrl: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(new URL(databaseUrl));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  /** The database's URL by way of this. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Resets every connection, and every new one at once: the server is gone. */
  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Lets nothing through any more, and says so to nobody: the network is gone. */
  stall(): void {
    this.state = 'stalled';
    for (const socket of this.sockets) socket.pause();
  }

  /** From now on the database does what holds a text, and the connection is reset instead of its answer. */
  loseAnswersTo(text: string): void {
    this.losing = text;
  }

  restore(): void {
    this.state = 'open';
    for (const socket of this.sockets) socket.resume();
  }

  async stop(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    if (this.state === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const database = connect(Number(this.target.port), this.target.hostname);
    this.pass(client, database);
    this.pass(database, client);
    client.on('data', (bytes) => {
      if (this.losing !== null && bytes.includes(this.losing))
        database.prependOnceListener('data', () => client.resetAndDestroy());
    });
  }

  private pass(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('data', (bytes) => to.write(bytes));
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
    if (this.state === 'stalled') from.pause();
  }
}
