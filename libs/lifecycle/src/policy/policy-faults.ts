import { type Grantor, type InputFault, type Key, missingScopes, type Policy } from '#libs/key-domain';
import { isProductScope } from '../keys/product-scopes.js';

const DAY_MS = 86_400_000;

/** The rules that a key can break, by the names that they have in the policy. */
export const POLICY_RULES = ['expiryRequired', 'maxLifetimeDays', 'cidrRequired', 'allowedScopesByRole'] as const;
export type PolicyRule = (typeof POLICY_RULES)[number];

/** Where a key breaks a rule. */
export interface PolicyFault extends InputFault {
  readonly rule: PolicyRule;
}

/** What the rules are held against: a key, or one that is asked for. */
export type RuledKey = Pick<Key, 'scopes' | 'allowedCidrs' | 'createdAt' | 'expiresAt'>;

/**
 * Where a key breaks a policy.
 * @param grantor who puts the scopes on it; null: nobody who has a role, which forbids no scope
 * @param former the key before a change. What the change leaves as it is breaks nothing: a policy stands in the way of no
 *   change that has nothing to do with it, nor of one that only takes scopes away
 */
export function policyFaults(
  policy: Policy,
  grantor: Grantor | null,
  key: RuledKey,
  former: RuledKey | null = null,
): PolicyFault[] {
  const { scopes, allowedCidrs, expiresAt } = key;
  const sameEnd = former !== null && former.expiresAt?.getTime() === expiresAt?.getTime();
  const sameLack = former?.allowedCidrs.length === 0 && allowedCidrs.length === 0;
  return [
    ...(sameEnd ? [] : endFaults(policy, key)),
    ...(policy.cidrRequired && allowedCidrs.length === 0 && !sameLack ? [NO_ADDRESSES] : []),
    ...scopes.flatMap((scope, index): PolicyFault[] =>
      isAllowed(policy, grantor, scope) || former?.scopes.includes(scope) === true
        ? []
        : [{ rule: 'allowedScopesByRole', path: `scopes.${index}`, message: FORBIDDEN_SCOPE }],
    ),
  ];
}

/**
 * Adds where a request breaks the policy to what is at fault anyway: each place is named once.
 * @param endName how the request names the end of the key
 */
export function addRuleFaults(broken: readonly PolicyFault[], faults: InputFault[], endName = 'expiresAt'): void {
  for (const { path, message } of broken) {
    const named = path === 'expiresAt' ? endName : path;
    if (!faults.some((fault) => fault.path === named)) faults.push({ path: named, message });
  }
}

/** A key without an end outlives every longest life. */
function endFaults({ maxLifetimeDays, expiryRequired }: Policy, { createdAt, expiresAt }: RuledKey): PolicyFault[] {
  const path = 'expiresAt';
  if (expiresAt === null && expiryRequired) return [{ rule: 'expiryRequired', path, message: 'The policy requires an end.' }];
  if (maxLifetimeDays === null) return [];
  if (expiresAt !== null && expiresAt.getTime() - createdAt.getTime() <= maxLifetimeDays * DAY_MS) return [];
  const message = `The policy requires an end within ${maxLifetimeDays} days of the key's creation.`;
  return [{ rule: 'maxLifetimeDays', path, message }];
}

/** Whether a policy lets a grantor put a scope on keys, or have a token of one that holds it. */
export function isAllowed(policy: Policy, grantor: Grantor | null, scope: string): boolean {
  const patterns = grantor === null ? null : policy.allowedScopesByRole[grantor];
  return patterns === null || isProductScope(scope) || missingScopes(patterns, [scope]).length === 0;
}

const FORBIDDEN_SCOPE = 'The policy does not allow this scope on keys of this role.';
const NO_ADDRESSES: PolicyFault = {
  rule: 'cidrRequired',
  path: 'allowedCidrs',
  message: 'The policy requires a restriction to addresses.',
};
