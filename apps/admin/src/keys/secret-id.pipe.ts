import { Injectable, type PipeTransform } from '@nestjs/common';
import { NotFoundError } from '#libs/key-domain';

const SECRET_ID = /^sec_[0-9a-z]{1,60}$/;

/** Answers for a text that is no secret's id as for a secret that does not exist, and lets it reach no store. */
@Injectable()
export class SecretIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!SECRET_ID.test(id)) throw new NotFoundError('There is no such secret.');
    return id;
  }
}
