const OLDEST_SERVER = 7;

/**
 * Why a server can't hold the log; null: it can. Valkey tells the version of Redis that it stands for.
 * @param info what INFO answers
 */
export function unfitness(info: string): string | null {
  const fields = new Map(info.split('\r\n').map((line) => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1)]));
  const version = fields.get('redis_version') ?? 'unknown';
  if (!(Number.parseInt(version, 10) >= OLDEST_SERVER))
    return `is version ${version}; Mintmark needs ${OLDEST_SERVER}.0 or later`;
  if (fields.get('cluster_enabled') === '1') return 'is a node of a cluster; Mintmark needs a server of its own';
  if (fields.get('role') !== 'master') return 'is a replica; Mintmark needs a server without replicas';
  if (fields.get('connected_slaves') !== '0')
    return 'has replicas; Mintmark needs a server without them: one could take over and lack changes';
  const policy = fields.get('maxmemory_policy') ?? 'unknown';
  if (fields.get('maxmemory') !== '0' && policy !== 'noeviction') {
    return `may evict what it holds (maxmemory-policy ${policy}); set it to noeviction`;
  }
  return null;
}
