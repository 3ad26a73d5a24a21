import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Which way nothing goes any more: to the server, back from it, or both. */
export type Direction = 'there' | 'back' | 'both';

/** The network between one process and one server, on the loopback address. */
export class Link {
  readonly #server = createServer((client) => {
    this.#join(client);
  });
  readonly #pipes = new Set<Pipe>();
  #isCut = false;
  #stalled: Direction | null = null;
  #delayMs = 0;

  private constructor(
    /** Who connects, and to whom. */
    readonly ends: readonly [from: string, to: string],
    private readonly serverPort: number,
  ) {}

  static async between(from: string, to: string, serverPort: number): Promise<Link> {
    const link = new Link([from, to], serverPort);
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    return link;
  }

  get name(): string {
    return this.ends.join(' to ');
  }

  /** `127.0.0.1:port`, where the server seems to be. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resets every connection, and every new one at once. */
  cut(): void {
    this.#isCut = true;
    for (const pipe of this.#pipes) pipe.reset();
  }

  /** Lets nothing through any more, and tells nobody. What waits is delivered when it is restored. */
  stall(direction: Direction): void {
    this.#stalled = direction;
    for (const pipe of this.#pipes) this.#apply(pipe);
  }

  /** Everything takes so many milliseconds longer, each way. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs;
    for (const pipe of this.#pipes) this.#apply(pipe);
  }

  restore(): void {
    this.#isCut = false;
    this.#stalled = null;
    this.#delayMs = 0;
    for (const pipe of this.#pipes) this.#apply(pipe);
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const pipe of this.#pipes) pipe.reset();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    client.on('error', () => client.destroy());
    if (this.#isCut) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.serverPort, '127.0.0.1');
    this.#open(new Pipe('there', client, server));
    this.#open(new Pipe('back', server, client));
  }

  #open(pipe: Pipe): void {
    this.#pipes.add(pipe);
    pipe.onClose(() => this.#pipes.delete(pipe));
    this.#apply(pipe);
  }

  #apply(pipe: Pipe): void {
    pipe.delayMs = this.#delayMs;
    pipe.stalled = this.#stalled === 'both' || this.#stalled === pipe.direction;
  }
}

interface Chunk {
  readonly due: number;
  /** Null: the end. */
  readonly bytes: Buffer | null;
}

/** One direction of one connection. */
class Pipe {
  delayMs = 0;
  readonly #waiting: Chunk[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly direction: 'there' | 'back',
    private readonly from: Socket,
    private readonly to: Socket,
  ) {
    from.setNoDelay(true);
    from.on('data', (bytes) => this.#push(bytes));
    from.on('end', () => this.#push(null));
    from.on('error', () => to.destroy());
    from.on('close', (hadError) => {
      if (hadError) to.destroy();
    });
  }

  set stalled(stalled: boolean) {
    if (stalled) this.from.pause();
    else this.from.resume();
  }

  onClose(listener: () => void): void {
    this.from.once('close', listener);
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.from.resetAndDestroy();
  }

  #push(bytes: Buffer | null): void {
    this.#waiting.push({ due: performance.now() + this.delayMs, bytes });
    this.#deliver();
  }

  /** In order, also where the delay has become shorter meanwhile. */
  #deliver(): void {
    clearTimeout(this.#timer);
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const left = next.due - performance.now();
      if (left > 0) {
        this.#timer = setTimeout(() => {
          this.#deliver();
        }, Math.ceil(left));
        return;
      }
      this.#waiting.shift();
      if (next.bytes === null) this.to.end();
      else if (!this.to.destroyed) this.to.write(next.bytes);
    }
  }
}
