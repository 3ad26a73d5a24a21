import { Module } from '@nestjs/common';
import { DigestMoves } from './digest-moves.js';
import { LastUses } from './last-uses.js';
import { TokenVerification } from './token-verification.js';
import { VerificationMetrics } from './verification-metrics.js';

/** The app binds SecretLookup, SecretUpkeep, TokenRulesSource and the PepperRing, globally. */
@Module({
  providers: [DigestMoves, LastUses, TokenVerification, VerificationMetrics],
  exports: [TokenVerification],
})
export class VerificationModule {}
