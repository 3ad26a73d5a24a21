import { credentials, Metadata } from '@grpc/grpc-js';
import { TokenVerifierServiceClient, VerificationCode, VerifyTokenRequest, VerifyTokenResponse } from '#libs/contract';

const SAMPLE = 20;
const DEADLINE_MS = 5000;

/**
 * Makes a few calls with a real client, which sees the grpc-status that h2load does not.
 * @returns the last answer, encoded
 * @throws ServiceError on any status but OK, Error on any verdict but VALID
 */
export async function sampleCalls(serverUrl: string, serviceKey: string, request: VerifyTokenRequest): Promise<Buffer> {
  const client = new TokenVerifierServiceClient(new URL(serverUrl).host, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${serviceKey}`);
  const call = () =>
    new Promise<VerifyTokenResponse>((resolve, reject) => {
      client.verifyToken(request, metadata, { deadline: Date.now() + DEADLINE_MS }, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
  try {
    let answer = await call();
    for (let calls = 1; calls < SAMPLE; calls += 1) answer = await call();
    if (answer.code !== VerificationCode.VERIFICATION_CODE_VALID) throw new Error(`the sample was answered with ${answer.code}`);
    return Buffer.from(VerifyTokenResponse.encode(answer).finish());
  } finally {
    client.close();
  }
}
