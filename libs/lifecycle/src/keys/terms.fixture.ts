import { ANY_SCOPES, type Policy, STARTING_FORMATS } from '#libs/key-domain';
import type { Terms } from './terms.js';

/** A policy without rules. */
export const FREE: Policy = {
  defaultFormat: 'default',
  maxLifetimeDays: null,
  expiryRequired: false,
  cidrRequired: false,
  rotationDays: null,
  allowedScopesByRole: ANY_SCOPES,
};

/** The starting formats and a few scopes, offered to an owner without rules; a test says what differs. */
export function terms({ policy = {}, ...given }: Partial<Omit<Terms, 'policy'>> & { policy?: Partial<Policy> } = {}): Terms {
  const scopes = ['a:read', 'a:write', 'b:read', 'customers:read', 'garments:read'];
  return {
    version: 1,
    formats: STARTING_FORMATS,
    scopes,
    products: new Set(),
    now: new Date(0),
    grantor: 'owner',
    ...given,
    policy: { ...FREE, ...policy },
  };
}
