import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import {
  type KeyGrant,
  type ReportUsageRequest,
  TokenVerifierServiceService,
  VerificationCode,
  type VerifyTokenRequest,
  VerifyTokenResponse,
  type VerifyTokensRequest,
  type VerifyTokensResponse,
  type WatchKeysRequest,
  type WatchKeysResponse,
} from '#libs/contract';
import { ScriptedSession } from './scripted-session.fixture.js';

export type Script = (request: VerifyTokenRequest) => VerifyTokenResponse | Partial<StatusObject> | null;

export interface Asked {
  readonly request: VerifyTokenRequest;
  readonly authorization: string | undefined;
}

type Callback<Value> = (error: Partial<StatusObject> | null, value?: Value) => void;

/** A gRPC server that speaks the verifier's contract and answers as a test says: what answers null, it leaves open. */
export class ScriptedVerifier {
  readonly asked: Asked[] = [];
  /** How many questions came in each call; probes ask none. */
  readonly calls: number[] = [];
  readonly sessions: ScriptedSession[] = [];
  readonly reports: ReportUsageRequest[] = [];
  script: Script = () => response('VALID', { grant: GRANT });
  /** With what sessions are refused; null: they are given. */
  refusal: Partial<StatusObject> | null = null;
  /** It takes everything and answers nothing. */
  isSilent = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(port = 0): Promise<ScriptedVerifier> {
    const server = new Server();
    let verifier: ScriptedVerifier | null = null;
    server.addService(TokenVerifierServiceService, {
      verifyToken: (call: ServerUnaryCall<VerifyTokenRequest, VerifyTokenResponse>, callback: Callback<VerifyTokenResponse>) =>
        verifier?.answer(call, callback),
      verifyTokens: (
        call: ServerUnaryCall<VerifyTokensRequest, VerifyTokensResponse>,
        callback: Callback<VerifyTokensResponse>,
      ) => verifier?.answerAll(call, callback),
      watchKeys: (stream: ServerDuplexStream<WatchKeysRequest, WatchKeysResponse>) => verifier?.watch(stream),
      reportUsage: (call: ServerUnaryCall<ReportUsageRequest, object>, callback: Callback<object>) => {
        verifier?.reports.push(call.request);
        callback(null, {});
      },
    });
    const bound = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, taken) =>
        error === null ? resolve(taken) : reject(error),
      );
    });
    return (verifier = new ScriptedVerifier(server, bound));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  stop(): void {
    this.server.forceShutdown();
  }

  /** The session that is open. */
  get session(): ScriptedSession | undefined {
    return this.sessions.find(({ isOver }) => !isOver);
  }

  private answer(
    { request, metadata }: ServerUnaryCall<VerifyTokenRequest, VerifyTokenResponse>,
    callback: Callback<VerifyTokenResponse>,
  ): void {
    this.calls.push(1);
    this.asked.push({ request, authorization: metadata.get('authorization')[0]?.toString() });
    const answer = this.isSilent ? null : this.script(request);
    if (answer === null) return;
    if ('valid' in answer) callback(null, answer);
    else callback({ code: status.UNKNOWN, ...answer });
  }

  /** One bad element fails the batch; one that is left open leaves it open. */
  private answerAll(
    { request: { requests, guardSessionId }, metadata }: ServerUnaryCall<VerifyTokensRequest, VerifyTokensResponse>,
    callback: Callback<VerifyTokensResponse>,
  ): void {
    this.calls.push(requests.length);
    if (this.isSilent) return;
    const authorization = metadata.get('authorization')[0]?.toString();
    const responses: VerifyTokenResponse[] = [];
    let failure: Partial<StatusObject> | null = null;
    for (const one of requests) {
      const request = { ...one, guardSessionId };
      this.asked.push({ request, authorization });
      const answer = this.script(request);
      if (answer === null) return;
      if ('valid' in answer) responses.push(answer);
      else failure = { code: status.UNKNOWN, ...answer };
    }
    if (failure === null) callback(null, { responses });
    else callback(failure);
  }

  private watch(stream: ServerDuplexStream<WatchKeysRequest, WatchKeysResponse>): void {
    if (this.isSilent) return;
    if (this.refusal !== null) stream.emit('error', this.refusal);
    else this.sessions.push(new ScriptedSession(`session_${this.port}_${this.sessions.length}`, stream, GRANT.accountId));
  }
}

export const GRANT: KeyGrant = {
  keyId: 'key_1',
  secretId: 'sec_1',
  accountId: 'acc_1',
  ownerId: 'customer 7',
  name: 'A key',
  environment: 'live',
  scopes: ['garments:read', 'garments:write'],
  allProducts: false,
  productIds: ['prod_a'],
  allowedCidrs: ['10.0.0.0/8'],
  expiresAt: new Date('2030-01-02T03:04:05.678Z'),
  metadata: { plan: 'gold' },
};

export type CodeName = keyof typeof VerificationCode extends `VERIFICATION_CODE_${infer Name}` ? Name : never;

export function response(code: CodeName, fields: Partial<VerifyTokenResponse> = {}): VerifyTokenResponse {
  return {
    ...VerifyTokenResponse.decode(new Uint8Array()),
    valid: code === 'VALID',
    code: VerificationCode[`VERIFICATION_CODE_${code}`],
    ...fields,
  };
}
