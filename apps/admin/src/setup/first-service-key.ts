import { Inject, Injectable } from '@nestjs/common';
import { Log } from '#libs/observability';
import { ServiceKeyFile } from './service-key-file.js';

/** Hands the token of the first service key to whoever runs beside the admin. */
@Injectable()
export class FirstServiceKey {
  constructor(
    @Inject(Log) private readonly log: Log,
    private readonly file: ServiceKeyFile,
  ) {}

  /** Finds out whether it can be handed over, before there is something to lose. */
  async assertDeliverable(): Promise<void> {
    await this.file.assertWritable();
  }

  /** Nothing that fails here stands in the way of the set-up: the owner can mint another. */
  async handOver(serviceToken: string): Promise<void> {
    try {
      await this.file.write(serviceToken);
    } catch (err) {
      this.log.error({ err }, 'the first service key could not be handed over: mint another one');
    }
  }
}
