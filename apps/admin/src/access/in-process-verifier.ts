import { Injectable } from '@nestjs/common';
import type { GuardQuestion, TokenVerifier } from '#libs/api-key-auth';
import type { Verdict } from '#libs/key-domain';
import { TokenVerification } from '#libs/verification';

/** Has management keys judged in this process, of every account: which account one belongs to is what it tells us. */
@Injectable()
export class InProcessVerifier implements TokenVerifier {
  constructor(private readonly verification: TokenVerification) {}

  async verify({ tokenSha256, ...question }: GuardQuestion): Promise<Verdict> {
    const { verdict } = await this.verification.verifyAcrossAccounts({ ...question, credential: { sha256: tokenSha256 } });
    return verdict;
  }
}
