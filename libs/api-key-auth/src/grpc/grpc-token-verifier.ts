import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { SYSTEM_TIME, type Verdict } from '#libs/key-domain';
import { cacheTerms } from '../cache/cache-options.js';
import { ApiKeyOptionsError } from '../options-error.js';
import type { VerifierOptions } from '../options.js';
import type { GuardQuestion, Judgement, PresentedQuestion, TokenVerifier } from '../token-verifier.js';
import { VerifierClient } from '../verifier/verifier-client.js';
import type { LinkNews } from '../verifier/verifier-link.js';
import { GrpcTransport } from './grpc-transport.js';
import { usableServiceKey } from './service-key-metadata.js';
import { verifierAddresses } from './verifier-address.js';

const DEFAULT_DEADLINE_MS = 2_000;

/** Judges by what verifiers answer over gRPC, and by what may be kept of it. */
export class GrpcTokenVerifier implements TokenVerifier, OnModuleInit, OnApplicationShutdown {
  readonly #log = new Logger(GrpcTokenVerifier.name);
  readonly #transports: readonly GrpcTransport[];
  readonly #client: VerifierClient;

  /** @throws ApiKeyOptionsError when an option can't be used */
  constructor({ verifierUrl, serviceKey, allowInsecure = false, deadlineMs = DEFAULT_DEADLINE_MS, cache }: VerifierOptions) {
    if (!(deadlineMs > 0 && Number.isFinite(deadlineMs))) throw new ApiKeyOptionsError('deadlineMs takes milliseconds above 0');
    const key = usableServiceKey(serviceKey);
    const verifiers = verifierAddresses(verifierUrl, allowInsecure).map((address) => ({
      name: address.target,
      transport: new GrpcTransport(address, key),
    }));
    this.#transports = verifiers.map(({ transport }) => transport);
    this.#client = new VerifierClient(verifiers, {
      time: SYSTEM_TIME,
      random: Math.random,
      atTurnEnd: setImmediate,
      deadlineMs,
      cache: cacheTerms(cache),
      onNews: (target, news) => {
        this.#write(target, news);
      },
    });
  }

  /** Opens the sessions. A verifier that is not there yet is found when it is. */
  onModuleInit(): void {
    this.#client.start();
  }

  verify(question: GuardQuestion): Promise<Judgement> {
    return this.#client.verify(question);
  }

  judgeKept(question: PresentedQuestion): Verdict | null {
    return this.#client.judgeKept(question);
  }

  /** Only once the HTTP server has finished what it had begun. */
  onApplicationShutdown(): void {
    this.#client.stop();
    for (const transport of this.#transports) transport.close();
  }

  #write(target: string, news: LinkNews): void {
    switch (news.kind) {
      case 'away':
        this.#log.warn(`verifier ${target} does not answer, and is asked nothing until it does`);
        break;
      case 'back':
        this.#log.log(`verifier ${target} answers again`);
        break;
      case 'no_session':
        this.#log.warn(`verifier ${target} gives no session, so that every request asks it: ${news.detail}`);
        break;
      case 'session':
        this.#log.log(`verifier ${target} gives sessions now: its answers are kept`);
        break;
    }
  }
}
