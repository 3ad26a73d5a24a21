import { Inject, Injectable } from '@nestjs/common';
import { ConflictError } from '#libs/key-domain';
import { SetUp } from '#libs/lifecycle';
import { Log, StartError } from '#libs/observability';
import { FirstServiceKey } from './first-service-key.js';
import { ServiceKeyFile } from './service-key-file.js';

export interface FirstOwnerCredentials {
  readonly email: string;
  readonly password: string;
}

const ACCOUNT_NAME = 'Default';

/** Sets an installation up without a page, from the variables of its first start. */
@Injectable()
export class Bootstrap {
  constructor(
    private readonly setUp: SetUp,
    private readonly serviceKey: FirstServiceKey,
    private readonly file: ServiceKeyFile,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * Does nothing where the installation is set up, by whichever process.
   * @throws StartError when the service key could not be put down
   */
  async run(owner: FirstOwnerCredentials): Promise<void> {
    if (await this.setUp.isDone()) {
      this.log.info('MINTMARK_BOOTSTRAP_EMAIL and MINTMARK_BOOTSTRAP_PASSWORD are ignored: the installation is set up');
      return;
    }
    await this.assertRoomForServiceKey();
    try {
      await this.setUp.perform({ ...owner, accountName: ACCOUNT_NAME }, (token) => this.serviceKey.handOver(token));
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  private async assertRoomForServiceKey(): Promise<void> {
    try {
      await this.serviceKey.assertDeliverable();
    } catch (cause) {
      const advice = 'make its directory writable, or set MINTMARK_DATA_DIR to one that is';
      throw new StartError(`the service key can't be written to ${this.file.path}: ${advice}`, { cause });
    }
  }
}
