import { randomBytes } from 'node:crypto';
import { realpath, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '#libs/observability';
import { keptSecret } from '../data-dir/secret-file.js';
import { type Binaries, findBinaries } from './binaries.js';
import { ensureCluster, SUPERUSER } from './cluster.js';
import { freePort } from './free-port.js';
import { stopOrphan } from './orphan.js';
import { Postmaster, PostmasterEndedError } from './postmaster.js';
import { APP_ROLE, ensureAppRole } from './roles.js';
import { chooseRunAs, type RunAs } from './run-as.js';
import { asArguments, serverSettings, type Settings } from './settings.js';

export interface EmbeddedPostgresOptions {
  /** An existing directory, reserved for this process; the cluster becomes its `postgres`, beside its passwords and its log. */
  readonly dataDirectory: string;
  /** Whether a crash of the machine loses nothing; false only in tests. */
  readonly durable?: boolean;
  /** Added to the server's settings. */
  readonly settings?: Settings;
  /** Any free one where absent. */
  readonly port?: number;
  /** Told when the server ended by itself, and when it runs again. */
  readonly onOutage?: (event: 'ended' | 'restart-failed' | 'restarted') => void;
}

const ATTEMPTS_TO_FIND_A_PORT = 5;
const FIRST_PAUSE_MS = 100;
const LONGEST_LOG_BYTES = 2 ** 20;
const LONGEST_PAUSE_MS = 5_000;

/** Postgres as a child of this process, restarted when it ends by itself. */
export class EmbeddedPostgres {
  private readonly stopping = new AbortController();
  private readonly supervision: Promise<void>;

  private constructor(
    private postmaster: Postmaster,
    private readonly launcher: Launcher,
    readonly port: number,
    private readonly onOutage: NonNullable<EmbeddedPostgresOptions['onOutage']>,
  ) {
    this.supervision = this.supervise();
  }

  /**
   * Makes the cluster where there is none, stops what an earlier process left of it, and starts it.
   * @throws StartError which says what to do
   */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const launcher = await prepare(options);
    const [postmaster, port] = await startOnFreePort(launcher, options.port);
    const server = new EmbeddedPostgres(postmaster, launcher, port, options.onOutage ?? (() => undefined));
    try {
      await ensureAppRole(server.superuserUrl, launcher.appPassword);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** For the apps: a role that owns its database and nothing else. */
  get url(): string {
    return `postgresql://${APP_ROLE}:${this.launcher.appPassword}@127.0.0.1:${this.port}/${APP_ROLE}`;
  }

  get superuserUrl(): string {
    return superuserUrl(this.launcher, this.port);
  }

  /** Of the server's main process; another one after a restart. */
  get pid(): number {
    return this.postmaster.pid;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.postmaster.stop();
    await this.supervision;
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async supervise(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      await this.postmaster.ended;
      if (this.isStopping()) return;
      this.onOutage('ended');
      while (!(await this.restart())) {
        await pause(pauseMs, this.stopping.signal);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
      pauseMs = FIRST_PAUSE_MS;
    }
  }

  /** On the same port: the apps' connections were told that one. True as well where there is nothing to restart any more. */
  private async restart(): Promise<boolean> {
    if (this.isStopping()) return true;
    try {
      this.postmaster = await startOn(this.launcher, this.port);
    } catch {
      this.onOutage('restart-failed');
      return false;
    }
    if (this.isStopping()) await this.postmaster.stop();
    else this.onOutage('restarted');
    return true;
  }
}

function pause(ms: number, cutShort: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal: cutShort }).catch(() => undefined);
}

interface Launcher {
  readonly cluster: string;
  readonly binaries: Binaries;
  readonly runAs: RunAs;
  readonly superuserPassword: string;
  readonly appPassword: string;
  readonly logFile: string;
  readonly settings: Settings;
}

async function prepare(options: EmbeddedPostgresOptions): Promise<Launcher> {
  const data = await realpath(options.dataDirectory);
  const cluster = join(data, 'postgres');
  const passwordFile = join(data, 'postgres-superuser-password');
  const binaries = await findBinaries();
  const runAs = await chooseRunAs(cluster);
  await stopOrphan(cluster);
  const superuserPassword = await keptSecret(passwordFile, newPassword);
  const appPassword = await keptSecret(join(data, 'postgres-mintmark-password'), newPassword);
  await ensureCluster({ directory: cluster, passwordFile, durable: options.durable ?? true }, binaries, runAs);
  const logFile = join(data, 'postgres.log');
  await shorten(logFile);
  return { cluster, binaries, runAs, superuserPassword, appPassword, logFile, settings: options.settings ?? {} };
}

/** Puts a long log aside, in the place of the one before it. */
async function shorten(logFile: string): Promise<void> {
  const { size } = await stat(logFile).catch(() => ({ size: 0 }));
  if (size > LONGEST_LOG_BYTES) await rename(logFile, `${logFile}.1`);
}

async function startOnFreePort(launcher: Launcher, wanted: number | undefined): Promise<[Postmaster, number]> {
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted ?? (await freePort());
    try {
      return [await startOn(launcher, port), port];
    } catch (cause) {
      const mayBeTaken = cause instanceof PostmasterEndedError && cause.message.includes('could not bind');
      if (mayBeTaken && attempt < ATTEMPTS_TO_FIND_A_PORT) continue;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StartError(
        `The embedded Postgres in ${launcher.cluster} did not start (its log: ${launcher.logFile}):\n${reason}`,
        { cause },
      );
    }
  }
}

function startOn(launcher: Launcher, port: number): Promise<Postmaster> {
  const settings = asArguments({ ...serverSettings(port), ...launcher.settings });
  const command = launcher.runAs.wrap([launcher.binaries.postgres, '-D', launcher.cluster, ...settings]);
  return Postmaster.start(command, launcher.logFile, superuserUrl(launcher, port));
}

function superuserUrl(launcher: Launcher, port: number): string {
  return `postgresql://${SUPERUSER}:${launcher.superuserPassword}@127.0.0.1:${port}/postgres`;
}

/** Letters and digits alone, so that it stands in a URL as it is. */
function newPassword(): string {
  return randomBytes(24).toString('hex');
}
