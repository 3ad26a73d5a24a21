import { Module } from '@nestjs/common';
import { AccountRules } from './account-rules.js';
import { DigestMoves } from './digest-moves.js';
import { LastUses } from './last-uses.js';
import { LimitTakings } from './limit-takings.js';
import { SecretMemory } from './secret-memory.js';
import { SecretReading } from './secret-reading.js';
import { TokenVerification } from './token-verification.js';
import { UsageCounts } from './usage-counts.js';
import { VerificationMetrics } from './verification-metrics.js';

/** The app binds SecretLookup, SecretUpkeep, TokenRulesSource, LimitLedger, UsageStore, ChangeFollower and the PepperRing, globally. */
@Module({
  providers: [
    AccountRules,
    DigestMoves,
    LastUses,
    LimitTakings,
    { provide: SecretMemory, useFactory: () => new SecretMemory() },
    SecretReading,
    TokenVerification,
    UsageCounts,
    VerificationMetrics,
  ],
  exports: [AccountRules, LastUses, TokenVerification, UsageCounts],
})
export class VerificationModule {}
