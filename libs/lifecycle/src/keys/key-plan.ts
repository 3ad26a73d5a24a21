import { type InputFault, InvalidRequestError, type KeyFormat, type ProductAccess } from '#libs/key-domain';
import type { IssueRequest } from './issue-request.js';
import { expiryOf } from './expiry.js';
import { readCidrs, refuseUnreadableScopes } from './grants.js';
import { readProductScopes } from './product-scopes.js';

/** A request with its defaults filled in; whether its products exist is left to ask. */
export interface KeyPlan {
  readonly format: KeyFormat;
  readonly environment: string | null;
  readonly scopes: readonly string[];
  readonly products: ProductAccess;
  readonly allowedCidrs: readonly string[];
  readonly expiresAt: Date | null;
}

/** What an account offers, as far as a plan depends on it. */
export interface Offer {
  readonly formats: readonly KeyFormat[];
  readonly defaultFormat: string;
}

/**
 * Turns a request into the key it asks for.
 * @throws InvalidRequestError with every fault found, each with its path
 */
export function planKey(request: IssueRequest, offer: Offer, now: Date): KeyPlan {
  const faults: InputFault[] = [];
  const format = formatOf(request, offer, faults);
  const environment = format === null ? null : environmentOf(request, format, faults);
  const { scopes, products } = readProductScopes(request.scopes ?? [], request.products, faults);
  refuseUnreadableScopes(request.scopes ?? [], faults);
  const allowedCidrs = readCidrs(request.allowedCidrs ?? [], faults);
  const expiresAt = expiryOf(request, now, faults);
  if (format === null || faults.length > 0) throw new InvalidRequestError(faults);
  return { format, environment, scopes, products, allowedCidrs, expiresAt };
}

function formatOf(request: IssueRequest, offer: Offer, faults: InputFault[]): KeyFormat | null {
  const name = request.format ?? offer.defaultFormat;
  const format = offer.formats.find((offered) => offered.name === name);
  if (format === undefined) faults.push({ path: 'format', message: 'The account has no key format of that name.' });
  return format ?? null;
}

function environmentOf(request: IssueRequest, format: KeyFormat, faults: InputFault[]): string | null {
  if (request.environment === undefined) return format.environments[0] ?? null;
  if (format.environments.includes(request.environment)) return request.environment;
  const offered = format.environments.length === 0 ? 'has no environments' : `takes ${format.environments.join(' or ')}`;
  faults.push({ path: 'environment', message: `The key format ${format.name} ${offered}.` });
  return null;
}
