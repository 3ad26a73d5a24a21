import { Injectable } from '@nestjs/common';
import { Places } from '../http/places.js';

/**
 * Revocations of many keys, and looks at what they would revoke. Each may hold a connection to the database for minutes: together they
 * hold fewer than there are. Looks have places of their own, so that they never keep a revocation waiting.
 */
@Injectable()
export class MatchingPlaces {
  readonly revocations = new Places('revocations of many keys', { ofAccount: 2, ofAll: 4 });
  readonly looks = new Places('dry runs', { ofAccount: 1, ofAll: 2 });
}
