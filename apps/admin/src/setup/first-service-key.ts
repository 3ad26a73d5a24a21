import { Inject, Injectable } from '@nestjs/common';
import { Log } from '#libs/observability';
import { ServiceKeyFile } from './service-key-file.js';

/** Told the token of the first service key, once, in place of its file. */
export type OnSetUp = (serviceToken: string) => Promise<void>;
export const OnSetUp = Symbol('OnSetUp');

/** Hands the token of the first service key to whoever runs beside the admin: by its file, unless the starter takes it. */
@Injectable()
export class FirstServiceKey {
  constructor(
    @Inject(Log) private readonly log: Log,
    @Inject(OnSetUp) private readonly onSetUp: OnSetUp | null,
    private readonly file: ServiceKeyFile,
  ) {}

  /** Finds out whether it can be handed over, before there is something to lose. */
  async assertDeliverable(): Promise<void> {
    if (this.onSetUp === null) await this.file.assertWritable();
  }

  /** Nothing that fails here stands in the way of the set-up: the owner can mint another. */
  async handOver(serviceToken: string): Promise<void> {
    try {
      await (this.onSetUp === null ? this.file.write(serviceToken) : this.onSetUp(serviceToken));
    } catch (err) {
      this.log.error({ err }, 'the first service key could not be handed over: mint another one');
    }
  }
}
