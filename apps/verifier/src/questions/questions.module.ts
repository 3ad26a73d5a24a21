import { Module } from '@nestjs/common';
import { VerificationModule } from '#libs/verification';
import { ErrorTranslator } from '../grpc/error-translator.js';
import { TokenVerifierCalls } from './token-verifier.calls.js';

@Module({ imports: [VerificationModule], providers: [TokenVerifierCalls, ErrorTranslator], exports: [TokenVerifierCalls] })
export class QuestionsModule {}
