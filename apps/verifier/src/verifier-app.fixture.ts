import { Client, credentials, type ClientOptions } from '@grpc/grpc-js';
import { Module } from '@nestjs/common';
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { GuardSessions } from '#libs/coherence';
import { TokenVerifierServiceClient } from '#libs/contract';
import {
  ChangeFollower,
  type FoundSecret,
  type KeyFormat,
  type KeyRecord,
  LimitLedger,
  mintToken,
  NO_MEMORY,
  PepperRing,
  SecretLookup,
  type SecretLookupResult,
  SecretUpkeep,
  STARTING_FORMATS,
  SYSTEM_TIME,
  TokenRulesSource,
  tokenSha256,
  UnavailableError,
  UsageStore,
} from '#libs/key-domain';
import { createLog, HealthChecks, ObservabilityModule, type RunningApp } from '#libs/observability';
import { QuestionsModule } from './questions/questions.module.js';
import { type Listening, serve } from './start/serve.js';
import { aRecord } from './key-record.fixture.js';

const [format] = STARTING_FORMATS as [KeyFormat];
const peppers = new PepperRing([{ id: 'p', key: randomBytes(32) }]);

/** Stored secrets in memory, which may be slow or away. */
export class StoredSecrets implements SecretLookup {
  lookUps = 0;
  /** Look-ups that were answered. */
  answered = 0;
  /** Milliseconds that a look-up takes. */
  slowness: () => number = () => 0;
  failure: Error | null = null;
  readonly #secrets = new Map<string, FoundSecret>();

  mint(fields: Partial<KeyRecord> = {}): string {
    const token = mintToken(format, 'live');
    const stored = peppers.digest(tokenSha256(token));
    const number = this.#secrets.size;
    const record = aRecord({ keyId: `key_${number}`, secretId: `sec_${number}`, environment: 'live', ...fields });
    this.#secrets.set(stored.digest.toString('hex'), { ...stored, record });
    return token;
  }

  async find(digests: readonly Uint8Array[]): Promise<SecretLookupResult> {
    this.lookUps += 1;
    const found = digests
      .map((digest) => this.#secrets.get(Buffer.from(digest).toString('hex')))
      .filter((one) => one !== undefined);
    const now = Date.now();
    await pause(this.slowness());
    if (this.failure !== null) throw this.failure;
    this.answered += 1;
    return { found, now };
  }
}

export const AWAY = new UnavailableError('Keys can not be looked up now.', { detail: 'connection refused by 10.0.0.9' });

export interface VerifierFixture extends RunningApp {
  readonly secrets: StoredSecrets;
  readonly serviceKey: string;
  /** `host:port` */
  readonly grpc: string;
  readonly http: string;
  readonly log: readonly string[];
}

@Module({})
class TestVerifierModule {}

/** The verifier's surfaces as they are, on ports in memory. */
export async function startVerifierFixture(
  secrets = new StoredSecrets(),
  ports: Partial<Listening> = {},
): Promise<VerifierFixture> {
  const lines: string[] = [];
  const log = createLog('verifier', { write: (line: string) => void lines.push(line) });
  const bindings = [
    { provide: PepperRing, useValue: peppers },
    { provide: ChangeFollower, useValue: NO_MEMORY },
    { provide: GuardSessions, useValue: new GuardSessions({ time: SYSTEM_TIME, newSessionId: randomUUID }) },
    { provide: SecretLookup, useValue: secrets },
    { provide: LimitLedger, useValue: { take: () => Promise.reject(new UnavailableError('no key here has limits')) } },
    { provide: SecretUpkeep, useValue: { recordUses: () => Promise.resolve(), moveDigest: () => Promise.resolve() } },
    { provide: UsageStore, useValue: { add: () => Promise.resolve() } },
    {
      provide: TokenRulesSource,
      useValue: { rulesOf: () => Promise.resolve({ formats: STARTING_FORMATS, holdsImported: false }) },
    },
  ];
  const module = {
    module: TestVerifierModule,
    global: true,
    imports: [ObservabilityModule.forRoot({ app: 'verifier', log }), QuestionsModule],
    providers: bindings,
    exports: bindings,
  };
  const anyPort = { MINTMARK_HOST: '127.0.0.1', MINTMARK_VERIFIER_GRPC_PORT: 0, MINTMARK_VERIFIER_HTTP_PORT: 0 };
  const running = await serve(module, { ...anyPort, ...ports }, log, (app) => {
    app.get(HealthChecks).add('store', () => (secrets.failure === null ? Promise.resolve() : Promise.reject(secrets.failure)));
    return Promise.resolve();
  });
  const url = (name: string) => running.surfaces.find((surface) => surface.name === name)?.url ?? '';
  const serviceKey = secrets.mint({ scopes: ['mintmark:tokens:verify'] });
  return { ...running, secrets, serviceKey, grpc: new URL(url('verifier-grpc')).host, http: url('verifier-http'), log: lines };
}

/** A client of the contract. */
export function contractClient(target: string, options: ClientOptions = {}): TokenVerifierServiceClient {
  return new TokenVerifierServiceClient(target, credentials.createInsecure(), options);
}

/** A client without a contract. */
export function bareClient(target: string): Client {
  return new Client(target, credentials.createInsecure());
}
