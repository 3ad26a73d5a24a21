export { AccountRules, type StampedRules } from './account-rules.js';
export { FairRoom } from './fair-room.js';
export { LastUses } from './last-uses.js';
export type { Credential, TokenQuestion } from './token-question.js';
export { TokenVerification, type AdmittedService, type Judgement } from './token-verification.js';
export { UsageCounts } from './usage-counts.js';
export { VerificationModule } from './verification.module.js';
