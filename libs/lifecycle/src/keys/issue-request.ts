import type { Metadata, ProductAccess } from '#libs/key-domain';
import type { LimitsRequest } from './limits-request.js';

/** What is asked for when a key is issued; what is absent takes the account's defaults. */
export interface IssueRequest extends LimitsRequest {
  readonly name: string;
  readonly environment?: string | undefined;
  /** May hold the synonyms `products:all` and `products:specific`, which set `products` and are no scopes. */
  readonly scopes?: readonly string[] | undefined;
  readonly products?: ProductAccess | undefined;
  /** Days of 24 hours. Not together with `expiresAt`. */
  readonly expiresInDays?: number | undefined;
  readonly expiresAt?: Date | undefined;
  readonly ownerId?: string | undefined;
  readonly metadata?: Metadata | undefined;
  readonly allowedCidrs?: readonly string[] | undefined;
  /** The name of a format of the account. */
  readonly format?: string | undefined;
}
