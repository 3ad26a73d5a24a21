export { LifecycleModule } from './lifecycle.module.js';
export { attributionOf, type KeyPrincipal, type PersonPrincipal, type Principal } from './principal.js';
export type { Page, PageRequest } from './paging/page.js';
export { MAX_LIFETIME_DAYS } from './keys/expiry.js';
export type { IssueRequest } from './keys/issue-request.js';
export { KeyDirectory } from './keys/key-directory.js';
export type { ChangeRequest } from './keys/change-request.js';
export type { EnforcedChange } from './keys/enforced-change.js';
export { KeyChanging } from './keys/key-changing.js';
export { KeyEnding } from './keys/key-ending.js';
export { KeyImporting, type ImportLine, type LineResult } from './keys/key-importing.js';
export { KeyIssuing, type IssuedKey } from './keys/key-issuing.js';
export { MatchingRevocation } from './keys/matching-revocation.js';
export { KeyRotation, MAX_GRACE_SECONDS, type RotatedSecret } from './keys/key-rotation.js';
export { IdentitySignIn, type ProvenIdentity } from './people/identity-sign-in.js';
export { PASSWORD_LENGTH } from './people/passwords.js';
export { Accounts } from './people/accounts.js';
export { Invitations, type OpenInvitation } from './people/invitations.js';
export { Members } from './people/members.js';
export { PasswordChange } from './people/password-change.js';
export { PasswordReset, type NewPassword } from './people/password-reset.js';
export { Passwords } from './people/passwords.js';
export { SESSION_LIFETIME_SECONDS, Sessions, type OpenedSession } from './people/sessions.js';
export { SignIn, type Credentials } from './people/sign-in.js';
export { SetUp, type HandOver, type SetUpRequest } from './setup/set-up.js';
export { AuditTrail, type ChainVerdict, type Refusal } from './audit/audit-trail.js';
export { CHAIN_FAULTS, type ChainFault } from './audit/chain-check.js';
export { Catalogue, type RemovedFormat, type ScopeChanges } from './catalogue/catalogue.js';
export { SCOPE_TEMPLATES, TEMPLATE_NAMES, type TemplateName } from './setup/starting-scopes.js';
export { POLICY_RULES, type PolicyFault, type PolicyRule } from './policy/policy-faults.js';
export { PolicyViolations, type Violation } from './policy/policy-violations.js';
export { IdempotentRequests, type CarriedOutOnce } from './idempotency/idempotent-requests.js';
export { LeakReports, MAX_REPORTED_TOKENS, type ReportedToken } from './leaks/leak-reports.js';
export { AccountPolicy, type PolicyRequest } from './policy/account-policy.js';
export { KeyUsage, type UsageBucket, type UsageSeries } from './usage/key-usage.js';
export type { UsageRange } from './usage/usage-range.js';
export { WebhookAddresses } from './webhooks/webhook-addresses.js';
export {
  MAX_SECRET_GRACE_SECONDS,
  Webhooks,
  type WebhookChangeRequest,
  type WebhookRequest,
  type WebhookWithSecret,
} from './webhooks/webhooks.js';
