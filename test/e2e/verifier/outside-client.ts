import {
  type CallOptions,
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { join } from 'node:path';

const PROTO = join(import.meta.dirname, '../../../proto');
const SERVICE = 'mintmark.v1.TokenVerifierService';

/** A VerifyTokenRequest as proto-loader writes it. */
export interface Question {
  readonly token?: string;
  readonly tokenSha256?: Uint8Array;
  readonly requiredScopes?: readonly string[];
  readonly productId?: string;
  readonly clientIp?: string;
  readonly environment?: string;
  readonly cost?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly guardSessionId?: string;
}

/** A VerifyTokenResponse as proto-loader reads it: codes without their prefix, absent fields as undefined. */
export interface Answer {
  readonly valid: boolean;
  readonly code: string;
  readonly message: string;
  readonly grant?: Readonly<Record<string, unknown>>;
  readonly missingScopes: readonly string[];
  readonly rateLimits: readonly {
    readonly name: string;
    readonly limit: number;
    readonly remaining: number;
    readonly resetsAt: Duration;
  }[];
  /** Null: not set. */
  readonly quota: { readonly remaining: number; readonly refillsAt: Duration | null } | null;
  /** Null: not set. */
  readonly cacheTtl: Duration | null;
}

/** What stands for a response where the call failed. */
export interface Failure {
  /** The name of the gRPC status. */
  readonly status: string;
  readonly details: string;
}

export type VerifierMethod = 'VerifyToken' | 'VerifyTokens' | 'WatchKeys' | 'ReportUsage';

export interface Duration {
  readonly seconds: number;
  readonly nanos: number;
}

const definition = loadSync('mintmark/v1/token_verifier.proto', {
  includeDirs: [PROTO],
  enums: String,
  longs: Number,
  defaults: true,
  oneofs: true,
})[SERVICE] as ServiceDefinition;

const DEADLINE_MS = 10_000;

/** A client made from the .proto at run time, as another team would make one: it shares no code with the verifier. */
export class OutsideClient {
  private readonly client: Client;

  /** @param authorization the value of that header, `Bearer <service key>` where all is well; null: no header */
  constructor(
    address: string,
    private readonly authorization: string | null,
  ) {
    this.client = new Client(address, credentials.createInsecure(), { 'grpc.initial_reconnect_backoff_ms': 100 });
  }

  async verifyToken(question: Question, options?: CallOptions): Promise<Answer> {
    return toAnswer(await this.send('VerifyToken', encode('VerifyToken', question), options));
  }

  /** @param guardSessionId of them all */
  async verifyTokens(
    questions: readonly Question[],
    options?: CallOptions & { readonly guardSessionId?: string },
  ): Promise<readonly Answer[]> {
    const batch = encode('VerifyTokens', { requests: questions, guardSessionId: options?.guardSessionId ?? '' });
    const { responses } = (await this.send('VerifyTokens', batch, options)) as { responses: unknown[] };
    return responses.map(toAnswer);
  }

  async reportUsage(report: object): Promise<void> {
    await this.send('ReportUsage', encode('ReportUsage', report));
  }

  /** The code alone. */
  async code(question: Question): Promise<string> {
    return (await this.verifyToken(question)).code;
  }

  /** Sends bytes as they are, which an encoder would not. */
  send(method: VerifierMethod, request: Buffer, options: CallOptions = {}): Promise<unknown> {
    const metadata = new Metadata();
    if (this.authorization !== null) metadata.set('authorization', this.authorization);
    return this.unary(methodOf(method), request, metadata, options);
  }

  close(): void {
    this.client.close();
  }

  private unary(
    method: MethodDefinition<object, unknown>,
    request: Buffer,
    metadata: Metadata,
    options: CallOptions,
  ): Promise<unknown> {
    const callOptions = { deadline: Date.now() + DEADLINE_MS, ...options };
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(
        method.path,
        asTheyAre,
        method.responseDeserialize,
        request,
        metadata,
        callOptions,
        (error, answer) => {
          if (error === null) resolve(answer);
          else reject(error);
        },
      );
    });
  }
}

const asTheyAre = (bytes: Buffer) => bytes;

/** The bytes of a request. */
export function encode(method: VerifierMethod, request: object): Buffer {
  return methodOf(method).requestSerialize(request);
}

/** How a call that must fail failed. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const [outcome] = await Promise.allSettled([call]);
  if (outcome.status === 'fulfilled') throw new Error(`answered: ${JSON.stringify(outcome.value)}`);
  const { code, details } = outcome.reason as ServiceError;
  return { status: status[code], details };
}

export function methodOf(name: VerifierMethod): MethodDefinition<object, unknown> {
  const method: MethodDefinition<object, unknown> | undefined = definition[name];
  if (method === undefined) throw new Error(`no ${name} in ${SERVICE}`);
  return method;
}

const CODE_PREFIX = 'VERIFICATION_CODE_';

function toAnswer(response: unknown): Answer {
  const answer = response as Answer;
  return { ...answer, code: answer.code.replace(CODE_PREFIX, '') };
}
