import { Injectable } from '@nestjs/common';
import type { GuardQuestion, Judgement, TokenVerifier } from '#libs/api-key-auth';
import { TokenVerification } from '#libs/verification';

/** Has management keys judged in this process, of every account: which account one belongs to is what it tells us. */
@Injectable()
export class InProcessVerifier implements TokenVerifier {
  constructor(private readonly verification: TokenVerification) {}

  verify({ tokenSha256, ...question }: GuardQuestion): Promise<Judgement> {
    return this.verification.verifyAcrossAccounts({ ...question, credential: { sha256: tokenSha256 } });
  }
}
