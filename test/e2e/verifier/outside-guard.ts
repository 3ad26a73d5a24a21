import { Client, type ClientDuplexStream, credentials, Metadata, status, type StatusObject } from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Duration, type Failure, methodOf } from './outside-client.js';

/** A WatchKeysResponse as proto-loader reads it; `message` names the field that is set. */
export interface Told {
  readonly message: 'opened' | 'renewed' | 'change' | 'rules' | 'ended';
  readonly opened?: { readonly sessionId: string; readonly accountId: string };
  readonly renewed?: { readonly renewal: number; readonly lease: Duration; readonly storeTime: Duration };
  readonly change?: { readonly sequence: number; readonly scope: string; readonly keyId?: string; readonly accountId?: string };
  readonly rules?: {
    readonly formats: readonly { readonly prefix: string; readonly environments: readonly string[]; readonly encoding: string }[];
    readonly holdsImported: boolean;
  };
  readonly ended?: { readonly sequence: number; readonly reason: string };
}

const WITHIN_MS = 5_000;

/** A guard written from the .proto alone, which does what the test has it do. */
export class OutsideGuard {
  readonly told: Told[] = [];
  /** Whether it acknowledges what it is told as soon as it is told. */
  acknowledges = true;
  /** Of every answered renewal: milliseconds that the answer took. */
  readonly renewals: number[] = [];
  end: Failure | null = null;
  #renewal = 0;

  private constructor(
    private readonly client: Client,
    private readonly stream: ClientDuplexStream<object, unknown>,
  ) {
    stream.on('data', (told: Told) => {
      this.told.push(told);
      const sequence = told.change?.sequence ?? told.ended?.sequence;
      if (sequence !== undefined && this.acknowledges) this.acknowledge(sequence);
    });
    stream.on('error', () => undefined);
    stream.on('status', ({ code, details }: StatusObject) => {
      this.end = { status: status[code], details };
    });
  }

  /** A stream on which nothing was said yet. */
  static connect(address: string, authorization: string | null): OutsideGuard {
    const method = methodOf('WatchKeys');
    const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    const metadata = new Metadata();
    if (authorization !== null) metadata.set('authorization', authorization);
    return new OutsideGuard(
      client,
      client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize, metadata),
    );
  }

  /** With a session that has a lease. A verifier that has just started has none itself for a moment. */
  static async open(address: string, authorization: string): Promise<OutsideGuard> {
    for (let attempt = 1; ; attempt += 1) {
      const guard = OutsideGuard.connect(address, authorization);
      guard.send({ open: {} });
      await guard.until(() => guard.told.length > 0 || guard.end !== null);
      if (guard.end === null) {
        await guard.renew();
        return guard;
      }
      guard.close();
      if (attempt === 50 || guard.end.status !== 'UNAVAILABLE') throw new Error(JSON.stringify(guard.end));
      await sleep(100);
    }
  }

  get sessionId(): string {
    return this.told.find(({ opened }) => opened !== undefined)?.opened?.sessionId ?? '';
  }

  /** Keys that it was told of. */
  get changedKeys(): readonly string[] {
    return this.told.flatMap(({ change }) => change?.keyId ?? []);
  }

  send(message: object): void {
    this.stream.write(message);
  }

  acknowledge(sequence: number): void {
    this.send({ acknowledge: { sequence } });
  }

  /** Asks for a lease and waits for it. */
  async renew(): Promise<NonNullable<Told['renewed']>> {
    const renewal = this.askForRenewal();
    const began = performance.now();
    const answer = () => this.told.find(({ renewed }) => renewed?.renewal === renewal)?.renewed;
    await this.until(() => answer() !== undefined);
    this.renewals.push(performance.now() - began);
    return answer() ?? { renewal, lease: { seconds: 0, nanos: 0 }, storeTime: { seconds: 0, nanos: 0 } };
  }

  askForRenewal(): number {
    this.#renewal += 1;
    this.send({ renew: { renewal: this.#renewal } });
    return this.#renewal;
  }

  async until(isSo: () => boolean): Promise<void> {
    for (const deadline = Date.now() + WITHIN_MS; !isSo();) {
      if (Date.now() > deadline)
        throw new Error(`not within ${WITHIN_MS} ms; told: ${JSON.stringify(this.told)}, ${JSON.stringify(this.end)}`);
      await sleep(2);
    }
  }

  /** How the stream ended. */
  async ended(): Promise<Failure> {
    await this.until(() => this.end !== null);
    return this.end ?? { status: '', details: '' };
  }

  /** Vanishes without a word. */
  close(): void {
    this.stream.cancel();
    this.client.close();
  }
}
