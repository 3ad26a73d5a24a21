export type { Credential, TokenQuestion } from './token-question.js';
export { TokenVerification } from './token-verification.js';
export { VerificationModule } from './verification.module.js';
