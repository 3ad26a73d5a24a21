import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appCommand, Child, type Command, type Ending } from './child.js';
import { logFile, recordMetrics, recordSecret } from './evidence.js';
import { freshDatabase } from './fresh-database.js';

const SURFACES = ['admin', 'verifier-grpc', 'verifier-http', 'example'];
const READY_WITHIN_MS = 30_000;

export interface StackOptions {
  /** `fresh` (if absent): an empty database of the run's server; `embedded`: a Postgres of the stack's own; or a URL. */
  readonly database?: 'fresh' | 'embedded' | { readonly url: string };
  readonly email?: string;
  readonly password?: string;
  /** False: no bootstrap variables, so that the stack waits to be set up and has no service key. */
  readonly bootstrap?: boolean;
  /** Kept after the end where given; otherwise one of the stack's own, removed when it stops. */
  readonly dataDirectory?: string;
  /** How the built standalone is started, if not directly. */
  readonly command?: Command;
  /** Over everything else. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a running stack is started from, all of it fixed for its life. */
interface Plan {
  readonly command: Command;
  readonly env: Readonly<Record<string, string>>;
  readonly dataDirectory: string;
  readonly ownsDataDirectory: boolean;
  /** Null: embedded. */
  readonly databaseUrl: string | null;
  readonly email: string;
  readonly password: string;
  readonly peppers: string;
  readonly bootstrap: boolean;
}

/** The built standalone, as a process of its own: admin, verifier and example on one database. */
export class Stack {
  private key: string | null = null;

  private constructor(
    private readonly plan: Plan,
    private child: Child,
  ) {}

  static async start(options: StackOptions): Promise<Stack> {
    const plan = await planOf(options);
    const stack = new Stack(plan, spawnChild(plan));
    await stack.untilReady();
    return stack;
  }

  get adminUrl(): string {
    return this.surface('admin');
  }
  /** `host:port` */
  get verifierGrpc(): string {
    return new URL(this.surface('verifier-grpc')).host;
  }
  get verifierHttpUrl(): string {
    return this.surface('verifier-http');
  }
  get exampleUrl(): string {
    return this.surface('example');
  }
  /** The link to set up an installation that was not bootstrapped; its token is in the fragment. */
  get setupUrl(): string {
    return this.surface('setup');
  }
  /** What services present to the verifier. */
  get serviceKey(): string {
    if (this.key === null) throw new Error('not set up: there is no service key');
    return this.key;
  }
  get email(): string {
    return this.plan.email;
  }
  get password(): string {
    return this.plan.password;
  }
  /** In the form of MINTMARK_PEPPERS. */
  get peppers(): string {
    return this.plan.peppers;
  }
  get databaseUrl(): string {
    if (this.plan.databaseUrl === null) throw new Error('the database is embedded');
    return this.plan.databaseUrl;
  }
  get dataDirectory(): string {
    return this.plan.dataDirectory;
  }
  get env(): Readonly<Record<string, string>> {
    return this.plan.env;
  }
  get pid(): number {
    return this.child.pid;
  }

  /** The lines of standard error since the last start. */
  logs(): readonly string[] {
    return this.child.log;
  }

  /** Sends a signal, to the process alone unless told otherwise, and waits for the end. */
  kill(signal: NodeJS.Signals, to?: 'group'): Promise<Ending> {
    return this.child.signal(signal, to);
  }

  /** Starts it again on the same data; the ports are others. Stops it first where it still runs. */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.child.isRunning) await this.end();
    this.child = spawnChild(this.plan, env);
    await this.untilReady();
  }

  /** Keeps its metrics, ends it, and removes what was its own. */
  async stop(): Promise<void> {
    if (this.child.isRunning) await this.end();
    if (this.plan.databaseUrl === null) await copyFile(this.inData('postgres.log'), logFile(`${this.child.name}-postgres`));
    if (this.plan.ownsDataDirectory) await rm(this.plan.dataDirectory, { recursive: true });
  }

  private async end(): Promise<void> {
    await this.keepMetrics();
    const { code } = await this.child.signal('SIGTERM');
    if (code !== 0) throw new Error(`ended with code ${code} after SIGTERM:\n${this.child.log.slice(-20).join('\n')}`);
  }

  private async keepMetrics(): Promise<void> {
    for (const [name, url] of [['admin', this.adminUrl] as const, ['verifier', this.verifierHttpUrl] as const]) {
      const answer = await fetch(`${url}/metrics`);
      recordMetrics(`${this.child.name}-${name}`, await answer.text());
    }
  }

  private async untilReady(): Promise<void> {
    try {
      await this.child.untilSurfaces(this.plan.bootstrap ? SURFACES : [...SURFACES, 'setup'], READY_WITHIN_MS);
    } catch (error) {
      if (this.child.isRunning) await this.child.signal('SIGKILL');
      throw error;
    }
    if (this.plan.bootstrap) this.rememberServiceKey(await readFile(this.inData('service-key'), 'utf8'));
    if (this.plan.databaseUrl === null) await this.recordKeptSecrets();
  }

  /** What a stack with a Postgres of its own has made for itself. */
  private async recordKeptSecrets(): Promise<void> {
    if (this.plan.peppers === '') recordPeppers(await readFile(this.inData('peppers'), 'utf8'));
    for (const role of ['superuser', 'mintmark']) {
      recordSecret('password', (await readFile(this.inData(`postgres-${role}-password`), 'utf8')).trim());
    }
  }

  private inData(name: string): string {
    return join(this.plan.dataDirectory, name);
  }

  /** For a stack that was set up by hand. */
  rememberServiceKey(text: string): void {
    this.key = text.trim();
    recordSecret('service-key', this.key);
  }

  private surface(name: string): string {
    const url = this.child.surfaces.get(name);
    if (url === undefined) throw new Error(`no surface ${name}`);
    return url;
  }
}

/** Starts a stack and waits until it serves. */
export function startStack(options: StackOptions = {}): Promise<Stack> {
  return Stack.start(options);
}

async function planOf(options: StackOptions): Promise<Plan> {
  const { database = 'fresh', bootstrap = true, email = 'owner@example.com' } = options;
  const password = options.password ?? `pw-${randomBytes(9).toString('base64url')}`;
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'mintmark-stack-')));
  const databaseUrl = database === 'embedded' ? null : database === 'fresh' ? (await freshDatabase()).url : database.url;
  const peppers = options.env?.['MINTMARK_PEPPERS'] ?? `p1:${randomBytes(32).toString('base64')}`;
  recordSecret('password', password);
  recordPeppers(peppers);
  const env = {
    MINTMARK_DATA_DIR: dataDirectory,
    MINTMARK_PEPPERS: peppers,
    MINTMARK_ADMIN_PORT: '0',
    MINTMARK_VERIFIER_GRPC_PORT: '0',
    MINTMARK_VERIFIER_HTTP_PORT: '0',
    MINTMARK_EXAMPLE_PORT: '0',
    ...(databaseUrl !== null && { MINTMARK_DATABASE_URL: databaseUrl }),
    ...(bootstrap && { MINTMARK_BOOTSTRAP_EMAIL: email, MINTMARK_BOOTSTRAP_PASSWORD: password }),
    ...options.env,
  };
  const ownsDataDirectory = options.dataDirectory === undefined;
  const command = options.command ?? appCommand('standalone');
  return { command, env, dataDirectory, ownsDataDirectory, databaseUrl, email, password, peppers, bootstrap };
}

/** @param text in the form of MINTMARK_PEPPERS; empty: none */
function recordPeppers(text: string): void {
  for (const pepper of text.split(',')) if (pepper !== '') recordSecret('pepper', pepper.replace(/^[^:]*:/, '').trim());
}

function spawnChild(plan: Plan, env: Readonly<Record<string, string>> = {}): Child {
  return Child.start(plan.command, { ...plan.env, ...env }, tmpdir());
}
