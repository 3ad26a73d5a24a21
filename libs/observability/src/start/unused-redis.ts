import type { Log } from '../log/log.js';

/** Says that this version keeps its word without Redis: every verification reads Postgres, so there is nothing to invalidate. */
export function warnOfUnusedRedis(log: Log, redisUrl: string | undefined): void {
  if (redisUrl === undefined) return;
  log.warn('MINTMARK_REDIS_URL is set but not used yet: this version reads Postgres at every verification');
}
