import { Module } from '@nestjs/common';
import { VerificationModule } from '#libs/verification';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokenVerifierCalls } from './token-verifier.calls.js';

@Module({
  imports: [SessionsModule, VerificationModule],
  providers: [TokenVerifierCalls],
  exports: [TokenVerifierCalls, SessionsModule],
})
export class QuestionsModule {}
