import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { appCommand, Child } from '../../support/child.js';
import type { Stack } from '../../support/stack.js';

const READY_WITHIN_MS = 30_000;

/** A built verifier and the built example behind it, each a process of its own, on a stack's database. */
export class GuardedApi {
  private constructor(
    private readonly stack: Stack,
    private verifier: Child,
    private readonly example: Child,
  ) {}

  static async start(stack: Stack): Promise<GuardedApi> {
    const verifier = await startVerifier(stack, '0', '0');
    const example = Child.start(
      appCommand('example'),
      {
        MINTMARK_HOST: '127.0.0.1',
        MINTMARK_EXAMPLE_PORT: '0',
        MINTMARK_EXAMPLE_REFUSALS_PER_MINUTE: '0',
        MINTMARK_VERIFIER_URL: verifier.surfaces.get('verifier-grpc') ?? '',
        MINTMARK_SERVICE_KEY: stack.serviceKey,
      },
      tmpdir(),
    );
    await example.untilSurfaces(['example'], READY_WITHIN_MS);
    return new GuardedApi(stack, verifier, example);
  }

  /** The status with which the example answers a request for garments. */
  async get(token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${this.example.surfaces.get('example')}/api/v1/garments`, { headers });
    await answer.arrayBuffer();
    return answer.status;
  }

  /** How many tokens the verifier has judged. */
  async judged(): Promise<number> {
    const metrics = await (await fetch(`${this.verifier.surfaces.get('verifier-http')}/metrics`)).text();
    return [...metrics.matchAll(/^mintmark_verifications_total\{.*\} (\d+)$/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
  }

  /** Asks with a good token until no request costs the verifier a question. */
  async untilKept(token: string): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const before = await this.judged();
      const status = await this.get(token);
      if (status === 200 && (await this.judged()) === before) return;
      await sleep(50);
    }
    throw new Error('the guard keeps nothing');
  }

  async killVerifier(): Promise<void> {
    await this.verifier.signal('SIGKILL');
  }

  /** Starts it again under the same address. */
  async startVerifier(): Promise<void> {
    const port = (surface: string) => new URL(this.verifier.surfaces.get(surface) ?? '').port;
    this.verifier = await startVerifier(this.stack, port('verifier-grpc'), port('verifier-http'));
  }

  async stop(): Promise<void> {
    for (const child of [this.example, this.verifier]) if (child.isRunning) await child.signal('SIGTERM');
  }
}

async function startVerifier(stack: Stack, grpcPort: string, httpPort: string): Promise<Child> {
  const env = {
    MINTMARK_DATABASE_URL: stack.databaseUrl,
    MINTMARK_PEPPERS: stack.peppers,
    MINTMARK_HOST: '127.0.0.1',
    MINTMARK_VERIFIER_GRPC_PORT: grpcPort,
    MINTMARK_VERIFIER_HTTP_PORT: httpPort,
  };
  const child = Child.start(appCommand('verifier'), env, tmpdir());
  await child.untilSurfaces(['verifier-grpc', 'verifier-http'], READY_WITHIN_MS);
  return child;
}
