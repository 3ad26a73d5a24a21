import { Injectable, type PipeTransform } from '@nestjs/common';
import { NotFoundError } from '#libs/key-domain';

const KEY_ID = /^key_[0-9a-z]{1,60}$/;

/** Answers for a text that is no key's id as for a key that does not exist, and lets it reach no store. */
@Injectable()
export class KeyIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!KEY_ID.test(id)) throw new NotFoundError('There is no such key.');
    return id;
  }
}
