import { Inject, Injectable } from '@nestjs/common';
import { Log } from '#libs/observability';
import { ServiceKeyFile } from './service-key-file.js';

/** Told the token of the first service key, once. */
export type OnSetUp = (serviceToken: string) => Promise<void>;
export const OnSetUp = Symbol('OnSetUp');

/** Hands the token of the first service key to whoever runs beside the admin. */
@Injectable()
export class FirstServiceKey {
  constructor(
    @Inject(Log) private readonly log: Log,
    @Inject(OnSetUp) private readonly onSetUp: OnSetUp,
    private readonly file: ServiceKeyFile,
  ) {}

  /** The installation is set up by now, so that nothing that fails here may undo it: the owner can mint another. */
  async handOver(serviceToken: string): Promise<void> {
    try {
      await this.file.write(serviceToken);
      await this.onSetUp(serviceToken);
    } catch (err) {
      this.log.error({ err, file: this.file.path }, 'the service key could not be handed over: mint another one');
    }
  }
}
