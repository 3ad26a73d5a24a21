import { type InputFault, isCidr, isScope } from '#libs/key-domain';

/** Names each scope that is none by its place. */
export function refuseUnreadableScopes(scopes: readonly string[], faults: InputFault[]): void {
  refuseEach(scopes, isScope, 'scopes', 'Not a scope: write resource:action.', faults);
}

/** The ranges, each once; names each that is none by its place. */
export function readCidrs(ranges: readonly string[], faults: InputFault[]): string[] {
  refuseEach(ranges, isCidr, 'allowedCidrs', 'Not an IP address or CIDR range.', faults);
  return [...new Set(ranges)];
}

function refuseEach(
  values: readonly string[],
  accepts: (value: string) => boolean,
  path: string,
  message: string,
  faults: InputFault[],
): void {
  values.forEach((value, index) => {
    if (!accepts(value)) faults.push({ path: `${path}.${index}`, message });
  });
}
