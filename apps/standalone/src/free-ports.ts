import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { StandaloneConfig } from '#libs/config';
import { listenFailure } from '#libs/observability';

const PORTS = [
  'MINTMARK_ADMIN_PORT',
  'MINTMARK_VERIFIER_GRPC_PORT',
  'MINTMARK_VERIFIER_HTTP_PORT',
  'MINTMARK_EXAMPLE_PORT',
] as const;

/**
 * Tries every port before anything slow is started. All are held until the last is tried, so that two variables
 * with one port are found as well.
 * @throws StartError which names the port and its variable
 */
export async function ensurePortsAreFree(config: StandaloneConfig): Promise<void> {
  const probes: Server[] = [];
  try {
    for (const variable of PORTS) {
      const place = { host: config.MINTMARK_HOST, port: config[variable], variable };
      const probe = createServer().listen(place.port, place.host);
      probes.push(probe);
      await once(probe, 'listening').catch((error: unknown) => {
        throw listenFailure(error, place);
      });
    }
  } finally {
    await Promise.all(probes.filter((probe) => probe.listening).map((probe) => new Promise((closed) => probe.close(closed))));
  }
}
