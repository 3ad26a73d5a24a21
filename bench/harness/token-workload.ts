import { VerifyTokenRequest } from '#libs/contract';
import { verifier } from '../servers/contestants.js';
import type { Installation } from '../servers/installation.js';
import { Sampler } from './grpc-sample.js';
import { questionAbout } from './questions.js';
import { CROWD, type Workload } from './repetition.js';

/** VerifyToken of one token, again and again. */
export interface TokenWorkload extends Workload {
  /** The encoded answer to every call. */
  readonly answer: Buffer;
}

/** The service key stands in h2load's arguments, where others on the machine can read it: it opens this database alone. */
export async function tokenWorkload(
  installed: Installation,
  token: string,
  effort: Pick<Workload, 'warmUpSeconds' | 'seconds'>,
): Promise<TokenWorkload> {
  const { serviceKey } = installed;
  const request = questionAbout(token);
  const answer = await answerOf(installed, request);
  return {
    ...effort,
    answer,
    loadFor: (serverUrl) => ({
      serverUrl,
      method: 'mintmark.v1.TokenVerifierService/VerifyToken',
      metadata: { authorization: `Bearer ${serviceKey}` },
      request: VerifyTokenRequest.encode(request).finish(),
      answerBytes: answer.length,
    }),
    check: (serverUrl) => new Sampler(serverUrl, serviceKey).one(request),
    crowd: CROWD,
  };
}

async function answerOf(installed: Installation, request: VerifyTokenRequest): Promise<Buffer> {
  const server = await verifier(installed).start();
  try {
    return await new Sampler(server.url, installed.serviceKey).one(request);
  } finally {
    await server.stop();
  }
}
