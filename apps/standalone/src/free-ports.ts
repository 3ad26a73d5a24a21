import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { StandaloneConfig } from '#libs/config';
import { listenFailure, StartError } from '#libs/observability';

const PORTS = [
  'MINTMARK_ADMIN_PORT',
  'MINTMARK_VERIFIER_GRPC_PORT',
  'MINTMARK_VERIFIER_HTTP_PORT',
  'MINTMARK_EXAMPLE_PORT',
] as const;

/**
 * Tries every port before anything slow is started. All are held until the last is tried, so that two variables
 * with one port are found as well.
 * @throws StartError which names each port that can't be had, and its variable
 */
export async function ensurePortsAreFree(config: StandaloneConfig): Promise<void> {
  const probes: Server[] = [];
  const taken: StartError[] = [];
  try {
    for (const variable of PORTS) {
      const place = { host: config.MINTMARK_HOST, port: config[variable], variable };
      const probe = createServer().listen(place.port, place.host);
      probes.push(probe);
      await once(probe, 'listening').catch((error: unknown) => {
        const failure = listenFailure(error, place);
        if (!(failure instanceof StartError)) throw failure;
        taken.push(failure);
      });
    }
    const messages = new Set(taken.map(({ message }) => message));
    if (messages.size > 0) throw new StartError([...messages].join('\n'));
  } finally {
    await Promise.all(probes.filter((probe) => probe.listening).map((probe) => new Promise((closed) => probe.close(closed))));
  }
}
