import { Injectable, type PipeTransform } from '@nestjs/common';
import { NotFoundError } from '#libs/key-domain';
import { isStorable } from '../http/text.js';

const MAX_LENGTH = 128;

/** Answers for what can be no name in a catalogue as for what is not in it, and lets it reach no store. */
@Injectable()
export class CatalogueNamePipe implements PipeTransform<string, string> {
  transform(name: string): string {
    if (name.length > MAX_LENGTH || !isStorable(name)) throw new NotFoundError('There is nothing of that name.');
    return name;
  }
}
