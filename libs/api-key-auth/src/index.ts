export { ApiKeyGuard } from './api-key.guard.js';
export { ApiKeyModule, type ApiKeyModuleAsyncOptions, type ApiKeyModuleOptions, type OwnVerifier } from './api-key.module.js';
export type { CacheOptions, CacheTerms } from './cache/cache-options.js';
export { keyOf, limitsOf } from './current-key.js';
export { Cost, CurrentKey, CurrentLimits, ErrorFormat, Public, RequireProduct, RequireScopes } from './decorators.js';
export type { KeyGrant } from './key-grant.js';
export type { LimitsLeft } from '#libs/key-domain';
export { ApiKeyOptionsError } from './options-error.js';
export type { GuardOptions, ServiceKey, VerifierOptions } from './options.js';
export { ApiKeyException } from './refusal/api-key.exception.js';
export type { ErrorFormatName } from './refusal/error-body.js';
export type { RefusalTerms } from './refusal/refusal-terms.js';
export { TokenInquiry } from './request/token-inquiry.js';
export { TokenVerifier, type GuardQuestion, type Judgement, type PresentedQuestion } from './token-verifier.js';
export { VerifierClient, type ClientOptions, type NamedTransport } from './verifier/verifier-client.js';
export type { LinkNews } from './verifier/verifier-link.js';
export {
  VerifierFailure,
  type FailureKind,
  type VerifierTransport,
  type WatchHandlers,
  type WatchStream,
} from './verifier/verifier-transport.js';
