import { type ServiceError, status } from '@grpc/grpc-js';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { appCommand, Child } from '../../support/child.js';
import type { Stack, StackOptions } from '../../support/stack.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { type Installation, type Minted, startInstallation } from '../verifier/installation.js';
import { OutsideClient, type Question } from '../verifier/outside-client.js';

const READY_WITHIN_MS = 30_000;

/** A built verifier as a process of its own, on a stack's database, and a service that asks it. */
export class Verifier {
  private constructor(
    readonly child: Child,
    readonly service: OutsideClient,
  ) {}

  static async start(stack: Stack, databaseUrl: string): Promise<Verifier> {
    const env = {
      MINTMARK_DATABASE_URL: databaseUrl,
      MINTMARK_PEPPERS: stack.peppers,
      MINTMARK_HOST: '127.0.0.1',
      MINTMARK_VERIFIER_GRPC_PORT: '0',
      MINTMARK_VERIFIER_HTTP_PORT: '0',
    };
    const child = Child.start(appCommand('verifier'), env, tmpdir());
    await child.untilSurfaces(['verifier-grpc', 'verifier-http'], READY_WITHIN_MS);
    const address = new URL(child.surfaces.get('verifier-grpc') ?? '').host;
    return new Verifier(child, new OutsideClient(address, `Bearer ${stack.serviceKey}`));
  }

  async stop(): Promise<void> {
    this.service.close();
    if (!this.child.isRunning) return;
    this.signal('SIGCONT');
    await this.child.signal('SIGTERM');
  }

  /** Without waiting for anything to come of it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.child.pid, signal);
  }
}

/** A stack, whose own verifier is the first, and two further verifiers; the last one has a way to the database of its own. */
export class Fleet {
  private constructor(
    readonly installation: Installation,
    readonly second: Verifier,
    private last: Verifier,
    /** Between the third verifier and the database. */
    readonly proxy: TcpProxy,
  ) {}

  static async start(options?: StackOptions): Promise<Fleet> {
    const installation = await startInstallation(options);
    const { stack } = installation;
    const proxy = await TcpProxy.before(stack.databaseUrl);
    const [second, third] = await Promise.all([Verifier.start(stack, stack.databaseUrl), Verifier.start(stack, proxy.url)]);
    return new Fleet(installation, second, third, proxy);
  }

  get third(): Verifier {
    return this.last;
  }

  get services(): readonly OutsideClient[] {
    return [this.installation.verifier, this.second.service, this.third.service];
  }

  /** A key that every verifier remembers. */
  async mintKnown(fields?: object): Promise<Minted & { readonly question: Question }> {
    const key = await this.installation.mint(fields);
    const question = { tokenSha256: createHash('sha256').update(key.token).digest() };
    for (const service of this.services) await verdict(service, question);
    return { ...key, question };
  }

  /** With the third verifier at work, whatever has become of it. */
  async makeWhole(): Promise<void> {
    this.proxy.restore();
    if (this.last.child.isRunning) this.last.signal('SIGCONT');
    else {
      await this.last.stop();
      this.last = await Verifier.start(this.installation.stack, this.proxy.url);
    }
    await this.untilEnforcedBy(3);
  }

  /** Until a change waits for so many verifiers and hears of each: those that came back are there again. */
  async untilEnforcedBy(verifiers: number): Promise<void> {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const { enforced } = await this.revoke(await this.installation.mint());
      if (enforced.verifiers === verifiers && enforced.by === 'acknowledgement') return;
      await sleep(100);
    }
    throw new Error(`changes are not confirmed by ${verifiers} verifiers`);
  }

  async revoke({ id }: Minted): Promise<Enforcing> {
    return enforcing(await this.installation.admin.post(`/keys/${id}/revoke`, { reason: 'unspecified' }));
  }

  async stop(): Promise<void> {
    this.proxy.restore();
    await Promise.all([this.second.stop(), this.third.stop()]);
    await this.installation.stop();
    await this.proxy.stop();
  }
}

/** What an admin says of a change. */
export interface Enforcing {
  readonly enforced: { readonly verifiers: number; readonly ms: number; readonly by: string };
}

export function enforcing({ status: code, body }: { readonly status: number; readonly body: unknown }): Enforcing {
  if (code !== 200) throw new Error(`not changed: ${code} ${JSON.stringify(body)}`);
  return body as Enforcing;
}

/** The code of a verdict, or the name of the gRPC status where there is none. */
export async function verdict(service: OutsideClient, question: Question): Promise<string> {
  try {
    return await service.code(question);
  } catch (error) {
    return status[(error as ServiceError).code];
  }
}
