import { Injectable } from '@nestjs/common';
import { Places } from '../http/places.js';

/** Imports at once. Each has some megabytes of lines at hand, and those of one account take turns anyway. */
@Injectable()
export class ImportPlaces extends Places {
  constructor() {
    super('imports', { ofAccount: 4, ofAll: 16 });
  }
}
