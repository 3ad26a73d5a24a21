import { type InputFault, isCidr, isMintmarkScope, isScope } from '#libs/key-domain';
import { isProductScope } from './product-scopes.js';

const NO_SCOPE = 'Not a scope: write resource:action.';
const notOffered = (scope: string) => `${scope} is no scope of the account's catalogue: POST /api/v1/scopes adds one.`;

/**
 * Names each scope that is none, or that the account does not offer, by its place.
 * @param offered the names in the account's catalogue
 * @param held what the key holds already; it may keep what is offered no more
 */
export function refuseScopes(
  scopes: readonly string[],
  offered: readonly string[],
  held: readonly string[],
  faults: InputFault[],
): void {
  const known = (scope: string) => held.includes(scope) || isOffered(scope, offered);
  scopes.forEach((scope, index) => {
    const path = `scopes.${index}`;
    if (!isScope(scope)) faults.push({ path, message: NO_SCOPE });
    else if (!known(scope)) faults.push({ path, message: notOffered(scope) });
  });
}

/** A wildcard is offered with any scope that it grants. */
function isOffered(scope: string, offered: readonly string[]): boolean {
  if (scope === '*' || isProductScope(scope) || isMintmarkScope(scope)) return true;
  if (scope.endsWith(':*')) return offered.some((name) => name.startsWith(scope.slice(0, -1)));
  return offered.includes(scope);
}

/** The ranges, each once; names each that is none by its place. */
export function readCidrs(ranges: readonly string[], faults: InputFault[]): string[] {
  ranges.forEach((range, index) => {
    if (!isCidr(range)) faults.push({ path: `allowedCidrs.${index}`, message: 'Not an IP address or CIDR range.' });
  });
  return [...new Set(ranges)];
}
