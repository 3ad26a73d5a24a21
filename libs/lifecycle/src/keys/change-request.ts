import {
  type InputFault,
  InvalidRequestError,
  type Key,
  type KeyChanges,
  type Metadata,
  type ProductAccess,
} from '#libs/key-domain';
import { addRuleFaults, policyFaults } from '../policy/policy-faults.js';
import { expiryOf } from './expiry.js';
import { readCidrs, refuseScopes } from './grants.js';
import { type LimitsRequest, readQuota, readRateLimits, refuseServiceLimits } from './limits-request.js';
import { isProductScope, readProductScopes } from './product-scopes.js';
import type { Terms } from './terms.js';

/** What is asked to be different about a key; what is absent stays. */
export interface ChangeRequest extends LimitsRequest {
  readonly name?: string | undefined;
  /** May hold the synonyms `products:all` and `products:specific`, which set `products` and are no scopes. */
  readonly scopes?: readonly string[] | undefined;
  readonly products?: ProductAccess | undefined;
  /** Null: it never expires. */
  readonly expiresAt?: Date | null | undefined;
  readonly metadata?: Metadata | undefined;
  readonly allowedCidrs?: readonly string[] | undefined;
  readonly enabled?: boolean | undefined;
}

/**
 * Turns a request into changes of a key; whether its products exist is left to ask.
 * @throws InvalidRequestError with every fault found, each with its path
 */
export function planChanges(request: ChangeRequest, key: Key, terms: Terms): KeyChanges {
  const faults: InputFault[] = [];
  refuseScopes(request.scopes ?? [], terms.scopes, key.scopes, faults);
  const { name, metadata, enabled } = request;
  const changes: KeyChanges = {
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata }),
    ...(enabled !== undefined && { enabled }),
    ...grantsOf(request, faults),
    ...(request.allowedCidrs !== undefined && { allowedCidrs: readCidrs(request.allowedCidrs, faults) }),
    ...limitsOf(request, faults),
    ...endOf(request, terms.now, faults),
  };
  refuseServiceLimits(request, { ...key, ...changes }, faults);
  const changed = { ...key, ...changes, scopes: request.scopes ?? [] };
  addRuleFaults(policyFaults(terms.policy, terms.grantor, changed, key), faults);
  if (faults.length > 0) throw new InvalidRequestError(faults);
  return changes;
}

function grantsOf(request: ChangeRequest, faults: InputFault[]): KeyChanges {
  const asked = request.scopes ?? [];
  const { scopes, products } = readProductScopes(asked, request.products, faults);
  const setsProducts = request.products !== undefined || asked.some(isProductScope);
  return { ...(request.scopes !== undefined && { scopes }), ...(setsProducts && { products }) };
}

function limitsOf({ rateLimits, quota }: ChangeRequest, faults: InputFault[]): KeyChanges {
  return {
    ...(rateLimits !== undefined && { rateLimits: readRateLimits(rateLimits, faults) }),
    ...(quota !== undefined && { quota: readQuota(quota) }),
  };
}

function endOf({ expiresAt }: ChangeRequest, now: Date, faults: InputFault[]): KeyChanges {
  if (expiresAt === undefined) return {};
  return { expiresAt: expiresAt === null ? null : expiryOf({ expiresAt }, now, faults) };
}
