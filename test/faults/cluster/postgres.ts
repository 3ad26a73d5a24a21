import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../../../apps/standalone/src/embedded-postgres/index.js';
import { logFile, noteProcess, recordSecret } from '../../support/evidence.js';
import { steadyPort } from './ports.js';

/** What is committed outlives the server's process; nothing of the run need outlive the machine. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'on', max_connections: 200 };

/** A Postgres of the run's own. */
export class Postgres {
  private constructor(
    private readonly dataDirectory: string,
    readonly port: number,
    private server: EmbeddedPostgres,
  ) {}

  static async start(): Promise<Postgres> {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'mintmark-faults-'));
    const port = await steadyPort();
    const server = await launch(dataDirectory, port);
    recordSecret('password', new URL(server.url).password);
    recordSecret('password', new URL(server.superuserUrl).password);
    return new Postgres(dataDirectory, port, server);
  }

  /** Its URL by way of something else. @param host `host:port` */
  urlBy(host: string): string {
    const url = new URL(this.server.url);
    url.host = host;
    return url.href;
  }

  /** An immediate stop: every connection ends at once, and what was committed is recovered at the next start. */
  async crash(): Promise<void> {
    process.kill(this.server.pid, 'SIGQUIT');
    await this.server.stop();
  }

  async restart(): Promise<void> {
    this.server = await launch(this.dataDirectory, this.port);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await copyFile(join(this.dataDirectory, 'postgres.log'), logFile(`faults-${process.pid}-postgres`));
    await rm(this.dataDirectory, { recursive: true });
  }
}

async function launch(dataDirectory: string, port: number): Promise<EmbeddedPostgres> {
  const server = await EmbeddedPostgres.start({ dataDirectory, durable: false, settings: SETTINGS, port });
  noteProcess(server.pid, dataDirectory);
  return server;
}
