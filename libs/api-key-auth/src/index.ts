export { ApiKeyGuard } from './api-key.guard.js';
export { ApiKeyModule, type ApiKeyModuleAsyncOptions, type ApiKeyModuleOptions, type OwnVerifier } from './api-key.module.js';
export { keyOf } from './current-key.js';
export { CurrentKey, ErrorFormat, Public, RequireProduct, RequireScopes } from './decorators.js';
export type { KeyGrant } from './key-grant.js';
export type { GuardOptions, ServiceKey, VerifierOptions } from './options.js';
export { ApiKeyException } from './refusal/api-key.exception.js';
export type { ErrorFormatName } from './refusal/error-body.js';
export { TokenVerifier, type GuardQuestion } from './token-verifier.js';
