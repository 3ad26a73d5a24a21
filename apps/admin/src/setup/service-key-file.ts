import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const OWNER_ONLY = 0o600;

/**
 * The file that hands the first service key to what runs beside the admin: `service-key` in the data directory,
 * readable by its owner alone, with nothing after the token. It appears whole or not at all.
 */
export class ServiceKeyFile {
  readonly path: string;

  constructor(private readonly directory: string) {
    this.path = join(directory, 'service-key');
  }

  /** Finds out whether {@link write} can work, before there is something to lose. */
  async assertWritable(): Promise<void> {
    const probe = await this.createBeside('');
    await rm(probe);
  }

  async write(serviceToken: string): Promise<void> {
    await rename(await this.createBeside(serviceToken), this.path);
  }

  private async createBeside(content: string): Promise<string> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const path = `${this.path}.${randomBytes(6).toString('hex')}`;
    const file = await open(path, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    return path;
  }
}
