import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordSecret } from '../../support/evidence.js';
import { RedisServer } from '../../support/redis-server.js';
import { type AppPlan, AppProcess } from './app-process.js';
import { Link } from './link.js';
import { steadyPort } from './ports.js';
import { Postgres } from './postgres.js';

const ADMINS = 2;
const VERIFIERS = 3;
const GUARDS = 3;

export interface ClusterOptions {
  /** Where the log of changes runs. */
  readonly log: 'postgres' | 'redis';
  /** Told when a process has ended by itself. */
  readonly onOwnEnd: (report: string) => void;
}

/** The person whom the first admin makes the owner. */
export interface Owner {
  readonly email: string;
  readonly password: string;
}

/**
 * Two admins, three verifiers and three guarded services as processes of their own, with the servers that they stand
 * on. Everything that one says to another goes by a link of that pair.
 */
export class Cluster {
  readonly admins: AppProcess[] = [];
  readonly verifiers: AppProcess[] = [];
  readonly guards: AppProcess[] = [];
  /** Of admins and verifiers to Postgres and Redis. */
  readonly linksToStores: Link[] = [];
  /** Of guards to verifiers. */
  readonly linksToVerifiers: Link[] = [];
  readonly owner: Owner = { email: 'owner@example.com', password: `pw-${randomBytes(9).toString('base64url')}` };
  #serviceKey = '';

  private constructor(
    private readonly options: ClusterOptions,
    readonly postgres: Postgres,
    /** It keeps nothing: each restart loses every write. */
    readonly redis: RedisServer | null,
    private readonly directory: string,
  ) {}

  static async start(options: ClusterOptions): Promise<Cluster> {
    const directory = await mkdtemp(join(tmpdir(), 'mintmark-faults-data-'));
    const redis = options.log === 'redis' ? await RedisServer.start([], await steadyPort()) : null;
    const cluster = new Cluster(options, await Postgres.start(), redis, directory);
    try {
      await cluster.#startApps();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get processes(): readonly AppProcess[] {
    return [...this.admins, ...this.verifiers, ...this.guards];
  }

  /** What services present to a verifier. */
  get serviceKey(): string {
    return this.#serviceKey;
  }

  /** Ends everything, whatever state it is in. */
  async stop(): Promise<void> {
    await Promise.all(this.processes.map((one) => one.stop()));
    await Promise.all([...this.linksToStores, ...this.linksToVerifiers].map((link) => link.stop()));
    await this.redis?.kill();
    await this.postgres.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #startApps(): Promise<void> {
    const pepper = randomBytes(32).toString('base64');
    recordSecret('pepper', pepper);
    recordSecret('password', this.owner.password);
    const common = { MINTMARK_HOST: '127.0.0.1', MINTMARK_PEPPERS: `p1:${pepper}` };
    for (let number = 1; number <= ADMINS; number += 1) this.admins.push(await this.#admin(number, common));
    for (let number = 1; number <= VERIFIERS; number += 1) this.verifiers.push(await this.#verifier(number, common));
    const [first, ...others] = this.admins;
    await first?.start();
    this.#serviceKey = (await readFile(join(this.directory, 'admin-1/service-key'), 'utf8')).trim();
    recordSecret('service-key', this.#serviceKey);
    for (let number = 1; number <= GUARDS; number += 1) this.guards.push(await this.#guard(number));
    await Promise.all([...others, ...this.verifiers, ...this.guards].map((one) => one.start()));
  }

  async #admin(number: number, common: AppPlan['env']): Promise<AppProcess> {
    const name = `admin-${number}`;
    const port = await steadyPort();
    const bootstrap = { MINTMARK_BOOTSTRAP_EMAIL: this.owner.email, MINTMARK_BOOTSTRAP_PASSWORD: this.owner.password };
    const env = {
      ...common,
      ...(await this.#stores(name)),
      ...(number === 1 && bootstrap),
      MINTMARK_ADMIN_PORT: String(port),
      MINTMARK_DATA_DIR: join(this.directory, name),
    };
    return this.#process({ name, app: 'admin', surface: 'admin', env, host: `127.0.0.1:${port}` });
  }

  async #verifier(number: number, common: AppPlan['env']): Promise<AppProcess> {
    const name = `verifier-${number}`;
    const port = await steadyPort();
    const env = {
      ...common,
      ...(await this.#stores(name)),
      MINTMARK_VERIFIER_GRPC_PORT: String(port),
      MINTMARK_VERIFIER_HTTP_PORT: String(await steadyPort()),
    };
    return this.#process({ name, app: 'verifier', surface: 'verifier-grpc', env, host: `127.0.0.1:${port}` });
  }

  async #guard(number: number): Promise<AppProcess> {
    const name = `guard-${number}`;
    const port = await steadyPort();
    const links = await Promise.all(this.verifiers.map((one) => Link.between(name, one.name, portOf(one))));
    this.linksToVerifiers.push(...links);
    const env = {
      MINTMARK_HOST: '127.0.0.1',
      MINTMARK_EXAMPLE_PORT: String(port),
      // All load comes from one address, and much of it with keys that are revoked.
      MINTMARK_EXAMPLE_REFUSALS_PER_MINUTE: '0',
      MINTMARK_SERVICE_KEY: this.#serviceKey,
      MINTMARK_VERIFIER_URL: links.map(({ host }) => `http://${host}`).join(),
    };
    return this.#process({ name, app: 'example', surface: 'example', env, host: `127.0.0.1:${port}` });
  }

  async #stores(name: string): Promise<AppPlan['env']> {
    const postgres = await Link.between(name, 'postgres', this.postgres.port);
    this.linksToStores.push(postgres);
    const url = { MINTMARK_DATABASE_URL: this.postgres.urlBy(postgres.host) };
    if (this.redis === null) return url;
    const redis = await Link.between(name, 'redis', this.redis.port);
    this.linksToStores.push(redis);
    return { ...url, MINTMARK_REDIS_URL: `redis://${redis.host}` };
  }

  #process(plan: AppPlan): AppProcess {
    return new AppProcess(plan, this.options.onOwnEnd);
  }
}

function portOf({ plan }: AppProcess): number {
  return Number(plan.host.split(':')[1]);
}
