import { UnavailableError } from '#libs/key-domain';

/** No session can be had at the moment. Guards ask every question until there is one, and try again by themselves. */
export class NoSessionError extends UnavailableError {
  override readonly level = 'info';
}
