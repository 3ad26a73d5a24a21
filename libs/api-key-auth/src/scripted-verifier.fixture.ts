import { Server, ServerCredentials, type ServerUnaryCall, type StatusObject, status } from '@grpc/grpc-js';
import {
  type KeyGrant,
  TokenVerifierServiceService,
  VerificationCode,
  type VerifyTokenRequest,
  VerifyTokenResponse,
} from '#libs/contract';

export type Script = (request: VerifyTokenRequest) => VerifyTokenResponse | Partial<StatusObject> | null;

export interface Asked {
  readonly request: VerifyTokenRequest;
  readonly authorization: string | undefined;
}

/** A gRPC server that speaks the verifier's contract and answers as a test says: what answers null, it leaves open. */
export class ScriptedVerifier {
  readonly asked: Asked[] = [];
  script: Script = () => response('VALID', { grant: GRANT });

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(port = 0): Promise<ScriptedVerifier> {
    const server = new Server();
    let verifier: ScriptedVerifier | null = null;
    server.addService(TokenVerifierServiceService, {
      verifyToken: (
        call: ServerUnaryCall<VerifyTokenRequest, VerifyTokenResponse>,
        callback: (error: Partial<StatusObject> | null, value?: VerifyTokenResponse) => void,
      ) => verifier?.answer(call, callback),
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

  private answer(
    { request, metadata }: ServerUnaryCall<VerifyTokenRequest, VerifyTokenResponse>,
    callback: (error: Partial<StatusObject> | null, value?: VerifyTokenResponse) => void,
  ): void {
    this.asked.push({ request, authorization: metadata.get('authorization')[0]?.toString() });
    const answer = this.script(request);
    if (answer === null) return;
    if ('valid' in answer) callback(null, answer);
    else callback({ code: status.UNKNOWN, ...answer });
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
