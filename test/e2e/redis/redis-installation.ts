import { tmpdir } from 'node:os';
import { appCommand, Child } from '../../support/child.js';
import { freshDatabase } from '../../support/fresh-database.js';
import { RedisServer } from '../../support/redis-server.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { type Installation, type Minted, startInstallation } from '../verifier/installation.js';
import { OutsideClient } from '../verifier/outside-client.js';

const READY_WITHIN_MS = 30_000;

/** The whole stack on a Redis of its own, and a second verifier beside it. */
export interface RedisInstallation extends Installation {
  readonly redis: RedisServer;
  /** Stands before the database of every process. */
  readonly postgres: TcpProxy;
  /** Verifiers as a service of the account asks them: the stack's, and the one beside it. */
  readonly verifiers: readonly OutsideClient[];
  /** Where each verifier tells of its health. */
  readonly healthUrls: readonly string[];
  /** Starts one more verifier. */
  startVerifier(): Promise<{ stop(): Promise<unknown> }>;
  /** Stops the second verifier where it stands. @returns lets it go on */
  pauseSecondVerifier(): () => void;
  /** Revokes a key, and tells what the admin answered. */
  tryToRevoke(key: Minted): Promise<{ readonly status: number; readonly body: unknown }>;
}

export async function startOnRedis(): Promise<RedisInstallation> {
  const redis = await RedisServer.start();
  const postgres = await TcpProxy.before((await freshDatabase()).url);
  const installation = await startInstallation({
    database: { url: postgres.url },
    env: { MINTMARK_REDIS_URL: redis.url },
  });
  const { stack, admin } = installation;
  const startVerifier = async () => {
    const env = {
      MINTMARK_HOST: '127.0.0.1',
      MINTMARK_DATABASE_URL: postgres.url,
      MINTMARK_REDIS_URL: redis.url,
      MINTMARK_PEPPERS: stack.peppers,
      MINTMARK_VERIFIER_GRPC_PORT: '0',
      MINTMARK_VERIFIER_HTTP_PORT: '0',
    };
    const child = Child.start(appCommand('verifier'), env, tmpdir());
    await child.untilSurfaces(['verifier-grpc', 'verifier-http'], READY_WITHIN_MS);
    return child;
  };
  const beside = await startVerifier();
  const other = new OutsideClient(new URL(beside.surfaces.get('verifier-grpc') ?? '').host, `Bearer ${stack.serviceKey}`);
  return {
    ...installation,
    redis,
    postgres,
    verifiers: [installation.verifier, other],
    healthUrls: [stack.verifierHttpUrl, beside.surfaces.get('verifier-http') ?? ''],
    startVerifier: async () => {
      const child = await startVerifier();
      return { stop: () => child.signal('SIGTERM') };
    },
    pauseSecondVerifier: () => {
      process.kill(beside.pid, 'SIGSTOP');
      return () => process.kill(beside.pid, 'SIGCONT');
    },
    tryToRevoke: ({ id }) => admin.post(`/keys/${id}/revoke`, { reason: 'unspecified' }),
    async stop() {
      other.close();
      await beside.signal('SIGTERM');
      await installation.stop();
      await postgres.stop();
      await redis.kill();
    },
  };
}
