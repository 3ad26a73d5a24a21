export { idsAtOnce, newId, type IdKind } from './key/id.js';
export type { KeyRecord, Metadata, ProductAccess } from './key/key-record.js';
export { approximateBytes, type RecordFootprint } from './key/record-bytes.js';
export type { KeyFilter } from './key/key-filter.js';
export {
  KEY_STATUSES,
  keyStatus,
  REVOCATION_REASONS,
  type Actor,
  type Key,
  type KeyStatus,
  type RevocationReason,
  type Secret,
} from './key/key.js';
export { bySystem, NO_REQUEST, type Attribution, type RequestOrigin, type Standing } from './audit/attribution.js';
export {
  CHAIN_START,
  linkFrame,
  linkHash,
  seal,
  sealDigest,
  type AuditLink,
  type Erased,
  type Sealed,
} from './audit/audit-chain.js';
export { AUDIT_ACTIONS, changeOf, type AuditAction, type AuditedState, type AuditTarget, type Deed } from './audit/deed.js';
export {
  BODY_ENCODINGS,
  FORMAT_WORD,
  MAX_FORMATS,
  STARTING_FORMATS,
  type BodyEncoding,
  type KeyFormat,
} from './format/key-format.js';
export type { ParsedToken } from './format/token-heads.js';
export { isPlausibleToken, isWellFormed, mintToken, parseToken, type TokenRules } from './format/token.js';
export { checkPeppers, PepperMismatchError } from './digest/check-peppers.js';
export { lookupHandle } from './digest/lookup-handle.js';
export { TOKEN_SHA256_BYTES, tokenSha256 } from './digest/token-sha256.js';
export { MIN_PEPPER_BYTES, PepperRing, type Pepper, type PepperedDigest } from './digest/pepper-ring.js';
export { ChangeIndex, MAX_INDEXED_NAMES } from './freshness/change-index.js';
export { momentOf, mostElapsed, SYSTEM_TIME, type Clock, type Moment, type Time } from './freshness/clock.js';
export { Lease } from './freshness/lease.js';
export type { ChangeSubject, LoggedChange, ReadStamp } from './freshness/logged-change.js';
export { RecordMemory, type BoundedMap, type Remembered } from './freshness/record-memory.js';
export { CLOCK_RATE_MARGIN, StoreTime } from './freshness/store-time.js';
export {
  grantingScopes,
  isMintmarkScope,
  isScope,
  MAX_SCOPE_LENGTH,
  MINTMARK_SCOPES,
  missingScopes,
  type MintmarkScope,
} from './scope/scope.js';
export {
  countersOf,
  leftOf,
  takeFrom,
  type CountedUse,
  type CountedWindow,
  type LimitsLeft,
  type Taken,
  type Taking,
} from './limits/counted-use.js';
export {
  limitsOf,
  MAX_CREDITS,
  MAX_RATE,
  MAX_RATE_LIMITS,
  MAX_WINDOW_SECONDS,
  RATE_LIMIT_NAME,
  REFILL_INTERVALS,
  type KeyLimits,
  NO_LIMITS,
  type Quota,
  type RateLimit,
  type Refill,
  type RefillInterval,
} from './limits/limits.js';
export { bindingLimit } from './limits/binding-limit.js';
export { nextRefill, refilled } from './limits/refill.js';
export { ANY_SCOPES, GRANTORS, type AllowedScopes, type Grantor, type Policy, type PolicyChanges } from './policy/policy.js';
export { addressInRanges, isCidr, rangesInRanges } from './network/cidr.js';
export {
  GRANULARITIES,
  GRANULE_MS,
  USAGE_KEPT_DAYS,
  USAGE_OUTCOMES,
  type Granularity,
  type UsageOutcome,
} from './usage/usage.js';
export { subscriberOf } from './network/subscriber.js';
export { REFUSAL_CODES, type RefusalCode, type VerdictCode } from './verdict/code.js';
export { decide } from './verdict/decide.js';
export type { Counters, RateLimitCounter, VerdictRequest } from './verdict/request.js';
export type { PlainRefusalCode, Verdict } from './verdict/verdict.js';
export {
  AlreadyDoneError,
  ConflictError,
  EnforcementUnconfirmedError,
  ERROR_CODES,
  ForbiddenError,
  InProgressError,
  InvalidRequestError,
  MintmarkError,
  NotFoundError,
  OfferChangedError,
  RateLimitedError,
  UnauthorizedError,
  UnavailableError,
  type ErrorCode,
  type ErrorFacts,
  type ErrorLevel,
  type InputFault,
} from './errors/mintmark-error.js';
export { AccountStore, type Account, type AccountStatus, type NewAccount } from './ports/account-store.js';
export { AuditLog, type AuditEntry, type AuditFilter, type AuditPage, type ChainHead } from './ports/audit-log.js';
export {
  CatalogueStore,
  type CatalogueScope,
  MAX_PRODUCTS,
  MAX_SCOPES,
  type Offer,
  type Product,
} from './ports/catalogue-store.js';
export { ChangeLogChoice } from './ports/change-log-choice.js';
export { ChangeOutbox } from './ports/change-outbox.js';
export { ChangeFollower, NO_MEMORY, type FollowingMemory, type Road } from './ports/change-follower.js';
export { Enforcement, type ChangeScope, type CommittedChange, type Enforced } from './ports/enforcement.js';
export { IdentityStore, type Identity } from './ports/identity-store.js';
export {
  ATTEMPT_LIMIT_SECONDS,
  IDEMPOTENCY_HOURS,
  IdempotencyStore,
  type BegunRequest,
  type IdempotentRequest,
  type KeptAnswer,
} from './ports/idempotency-store.js';
export { InstallationStore, type FirstAccount, type PepperFaults } from './ports/installation-store.js';
export {
  KEPT_SECRETS,
  KeyStore,
  MATCHING_SAMPLE,
  MAX_RECORDED_IDS,
  type ChangedKey,
  type KeyChanges,
  type KeyPage,
  type Leak,
  type LeakPlace,
  type MatchingKeys,
  type NewKey,
  type Revocation,
  type RevokedKeys,
  type RotatedKey,
  type Rotation,
} from './ports/key-store.js';
export {
  InvitationStore,
  MAX_INVITATIONS,
  type Invitation,
  type Joining,
  type NewInvitation,
  type PresentedInvitation,
} from './ports/invitation-store.js';
export { MemberStore, type Member, type MemberPage, type RoleCheck } from './ports/member-store.js';
export { ROLES, type Role } from './people/role.js';
export {
  FIRST_PASSWORD_WITHIN_SECONDS,
  PeopleStore,
  type KnownPerson,
  type Membership,
  type NewSession,
  type Session,
  type StoredSession,
} from './ports/people-store.js';
export { KeyNotices, type NoticeLimits } from './ports/key-notices.js';
export { KeyImportStore, type ImportedBatch, type ImportedKey, type ImportOutcome } from './ports/key-import-store.js';
export { LimitLedger } from './ports/limit-ledger.js';
export { LoginThrottle, type LoginAttempt } from './ports/login-throttle.js';
export { QuotaNotices } from './ports/quota-notices.js';
export { SecretLookup, type FoundSecret, type SecretLookupResult } from './ports/secret-lookup.js';
export { SecretUpkeep, type SecretUse } from './ports/secret-upkeep.js';
export { StorageUpkeep } from './ports/storage-upkeep.js';
export { TokenRulesSource } from './ports/token-rules-source.js';
export { eventOf, TEST_EVENT, WEBHOOK_EVENTS, type EventOfDeed, type WebhookEvent } from './webhook/webhook-event.js';
export { RETRY_SCHEDULE, retryDelayMs } from './webhook/retry-schedule.js';
export { webhookSignature, type SignedMessage } from './webhook/signature.js';
export { WebhookSecrets, type NewWebhookSecret, type SealedSecret } from './webhook/webhook-secrets.js';
export {
  MAX_ATTEMPTS,
  MAX_WAITING_TESTS,
  MAX_WEBHOOKS,
  type Delivery,
  type DeliveryAttempt,
  type DeliveryStatus,
  type DisablingReason,
  type Webhook,
} from './webhook/webhook.js';
export { UsageStore, type UsageBatch, type UsageCount, type UsageSpan, type UsageTotal } from './ports/usage-store.js';
export { WebhookOutbox, type AttemptOutcome, type ClaimedDelivery, type ClaimLimits } from './ports/webhook-outbox.js';
export { WebhookStore, type DeliveryPage, type NewWebhook, type WebhookChanges } from './ports/webhook-store.js';
