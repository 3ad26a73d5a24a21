import {
  type InputFault,
  InvalidRequestError,
  type KeyFormat,
  type ProductAccess,
  type Quota,
  type RateLimit,
} from '#libs/key-domain';
import type { IssueRequest } from './issue-request.js';
import { addRuleFaults, policyFaults } from '../policy/policy-faults.js';
import { expiryOf } from './expiry.js';
import { readCidrs, refuseScopes } from './grants.js';
import { readQuota, readRateLimits, refuseServiceLimits } from './limits-request.js';
import { readProductScopes } from './product-scopes.js';
import type { Terms } from './terms.js';

/** A request with its defaults filled in; whether its products exist is left to ask. */
export interface KeyPlan {
  readonly format: KeyFormat;
  readonly environment: string | null;
  readonly scopes: readonly string[];
  readonly products: ProductAccess;
  readonly allowedCidrs: readonly string[];
  readonly rateLimits: readonly RateLimit[];
  readonly quota: Quota | null;
  readonly expiresAt: Date | null;
}

/**
 * Turns a request into the key it asks for.
 * @throws InvalidRequestError with every fault found, each with its path
 */
export function planKey(request: IssueRequest, terms: Terms): KeyPlan {
  const { now } = terms;
  const faults: InputFault[] = [];
  const format = formatOf(request, terms, faults);
  const environment = format === null ? null : environmentOf(request, format, faults);
  const { scopes, products } = readProductScopes(request.scopes ?? [], request.products, faults);
  refuseScopes(request.scopes ?? [], terms.scopes, [], faults);
  const allowedCidrs = readCidrs(request.allowedCidrs ?? [], faults);
  const limits = { rateLimits: readRateLimits(request.rateLimits ?? [], faults), quota: readQuota(request.quota ?? null) };
  refuseServiceLimits(request, { ...limits, scopes }, faults);
  const expiresAt = expiryOf(request, now, faults);
  const asked = { scopes: request.scopes ?? [], allowedCidrs, expiresAt, createdAt: now };
  addRuleFaults(policyFaults(terms.policy, terms.grantor, asked), faults, endNameOf(request));
  if (format === null || faults.length > 0) throw new InvalidRequestError(faults);
  return { format, environment, scopes, products, allowedCidrs, ...limits, expiresAt };
}

function formatOf(request: IssueRequest, { formats, policy }: Terms, faults: InputFault[]): KeyFormat | null {
  const name = request.format ?? policy.defaultFormat;
  const format = formats.find((offered) => offered.name === name);
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

/** Under which name the request says when the key ends. */
function endNameOf({ expiresAt, expiresInDays }: IssueRequest): 'expiresAt' | 'expiresInDays' {
  return expiresAt === undefined && expiresInDays !== undefined ? 'expiresInDays' : 'expiresAt';
}
