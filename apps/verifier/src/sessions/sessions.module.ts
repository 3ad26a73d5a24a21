import { Module } from '@nestjs/common';
import { GuardSessions } from '#libs/coherence';
import { VerificationModule } from '#libs/verification';
import { ErrorTranslator } from '../grpc/error-translator.js';
import { GuardAnswers } from './guard-answers.js';
import { GuardCalls } from './guard.calls.js';
import { SessionRules } from './session-rules.js';

@Module({
  imports: [VerificationModule],
  providers: [
    ErrorTranslator,
    { provide: GuardAnswers, inject: [GuardSessions], useFactory: (sessions: GuardSessions) => new GuardAnswers(sessions) },
    GuardCalls,
    SessionRules,
  ],
  exports: [ErrorTranslator, GuardAnswers, GuardCalls],
})
export class SessionsModule {}
