import { Injectable, type PipeTransform } from '@nestjs/common';
import { NotFoundError } from '#libs/key-domain';

const WEBHOOK_ID = /^whk_[0-9a-z]{1,60}$/;

/** Answers for a text that is no webhook's id as for a webhook that does not exist, and lets it reach no store. */
@Injectable()
export class WebhookIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!WEBHOOK_ID.test(id)) throw new NotFoundError('There is no such webhook.');
    return id;
  }
}
