export type { Credential, TokenQuestion } from './token-question.js';
export { TokenVerification, type Judgement } from './token-verification.js';
export { VerificationModule } from './verification.module.js';
