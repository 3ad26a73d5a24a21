import type { Log } from '../log/log.js';

export type HealthStatus = 'ok' | 'degraded' | 'unavailable';

/** What readiness answers. It holds no word of a driver. */
export interface HealthReport {
  readonly status: HealthStatus;
  readonly checks: Readonly<Record<string, { readonly status: HealthStatus }>>;
}

export interface HealthCheckOptions {
  /** Whether the app can answer nothing without it, asked when it fails; otherwise that only degrades. Always if absent. */
  readonly isEssential?: () => boolean;
}

interface HealthCheck {
  readonly run: () => Promise<void>;
  readonly isEssential: () => boolean;
}

/** A check that has not answered within this many milliseconds has failed. */
const CHECK_LIMIT_MS = 1_000;

/** Whether an app can do its work, asked of what it stands on. */
export class HealthChecks {
  readonly #checks = new Map<string, HealthCheck>();
  readonly #last = new Map<string, HealthStatus>();
  readonly #underWay = new Map<string, Promise<HealthStatus>>();
  #stopping = false;

  constructor(private readonly log: Log) {}

  /** @param run rejects where the thing does not work */
  add(name: string, run: () => Promise<void>, { isEssential = () => true }: HealthCheckOptions = {}): void {
    this.#checks.set(name, { run, isEssential });
  }

  /** From now on the app is not ready: it takes its leave while it finishes what was begun. */
  stop(): void {
    this.#stopping = true;
  }

  async report(): Promise<HealthReport> {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, check]) => [name, await this.#look(name, check)] as const),
    );
    if (this.#stopping) results.push(['running', 'unavailable']);
    const checks = Object.fromEntries(results.map(([name, status]) => [name, { status }]));
    return { status: worst(results.map(([, status]) => status)), checks };
  }

  /** Whoever asks meanwhile shares the outcome: readiness is open to everybody, and a crowd must not become a crowd at Postgres. */
  #look(name: string, check: HealthCheck): Promise<HealthStatus> {
    const look = this.#underWay.get(name) ?? this.#judge(name, check).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, look);
    return look;
  }

  async #judge(name: string, check: HealthCheck): Promise<HealthStatus> {
    const failure = await failureOf(check.run);
    const status = failure === null ? 'ok' : check.isEssential() ? 'unavailable' : 'degraded';
    if (status !== (this.#last.get(name) ?? 'ok')) this.#tell(name, status, failure);
    this.#last.set(name, status);
    return status;
  }

  /** Only changes are told: readiness is asked every few seconds. */
  #tell(name: string, status: HealthStatus, err: unknown): void {
    if (status === 'ok') this.log.info({ check: name, status }, 'healthy again');
    else this.log.error({ check: name, status, err }, 'a health check failed');
  }
}

async function failureOf(run: () => Promise<void>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_LIMIT_MS} ms`)), CHECK_LIMIT_MS);
  });
  try {
    await Promise.race([run(), limit]);
    return null;
  } catch (error) {
    return error;
  } finally {
    clearTimeout(timer);
  }
}

function worst(statuses: readonly HealthStatus[]): HealthStatus {
  if (statuses.includes('unavailable')) return 'unavailable';
  return statuses.includes('degraded') ? 'degraded' : 'ok';
}
