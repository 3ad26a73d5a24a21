import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { Inject, Injectable } from '@nestjs/common';
import { GuardSessions } from '#libs/coherence';
import { type ReportUsageRequest, type ReportUsageResponse, TokenVerifierServiceService } from '#libs/contract';
import { ChangeFollower } from '#libs/key-domain';
import { Metrics } from '#libs/observability';
import { type AdmittedService, LastUses, TokenVerification, UsageCounts } from '#libs/verification';
import { cutOff } from '../grpc/cut-off.js';
import { ErrorTranslator } from '../grpc/error-translator.js';
import type { PlainService } from '../grpc/plain-service.js';
import { callerAddress } from '../questions/caller-address.js';
import { serviceTokenOf } from '../questions/service-token.js';
import { decodeUsage } from './decode-usage.js';
import { GuardAnswers } from './guard-answers.js';
import { GuardStream, type WatchCall } from './guard-stream.js';
import { readUsage } from './read-usage.js';
import { SessionRules } from './session-rules.js';
import { encodeMessage } from './write-message.js';

type UsageCall = ServerUnaryCall<ReportUsageRequest, ReportUsageResponse>;

const { watchKeys, reportUsage } = TokenVerifierServiceService;

/** The calls of guards that keep answers. */
@Injectable()
export class GuardCalls {
  readonly #verifications;

  constructor(
    private readonly verification: TokenVerification,
    private readonly sessions: GuardSessions,
    private readonly rules: SessionRules,
    private readonly answers: GuardAnswers,
    private readonly uses: LastUses,
    private readonly usage: UsageCounts,
    @Inject(ChangeFollower) private readonly changes: ChangeFollower,
    private readonly errors: ErrorTranslator,
    metrics: Metrics,
  ) {
    this.#verifications = metrics.counter({
      name: 'mintmark_guard_verifications_total',
      help: 'Verifications that guards answered from what they keep, as they report them.',
    });
  }

  readonly service: PlainService = {
    definition: {
      watchKeys: { ...watchKeys, responseSerialize: encodeMessage },
      reportUsage: { ...reportUsage, requestDeserialize: decodeUsage },
    },
    implementation: {
      watchKeys: (call: WatchCall) => {
        void this.#watch(call);
      },
      reportUsage: (call: UsageCall, respond: sendUnaryData<ReportUsageResponse>) => {
        this.#report(call).then(
          () => {
            respond(null, {});
          },
          (error: unknown) => {
            respond(this.errors.translate(error));
          },
        );
      },
    },
  };

  #watch(call: WatchCall): Promise<void> {
    const { sessions, rules, errors, answers } = this;
    const forget = (sessionId: string) => {
      answers.forget(sessionId);
    };
    const letGo = () => {
      cutOff(call);
    };
    return new GuardStream(call, { sessions, rules, errors, admit: () => this.#admit(call), over: forget, letGo }).serve();
  }

  async #report(call: UsageCall): Promise<void> {
    const { record } = await this.#admit(call);
    const { accountId } = record;
    for (const { keyId, secretId, verifications, sinceLast } of readUsage(call.request)) {
      const [used, at] = [{ keyId, secretId, accountId }, this.changes.storeTime() - sinceLast];
      if (this.answers.wereKept(call.request.guardSessionId, secretId, used)) {
        this.uses.note(used, at);
        this.usage.countMany(used, 'VALID', verifications, at);
        this.#verifications.inc(verifications);
      } else this.usage.leaveOut(verifications);
    }
  }

  #admit(call: Pick<WatchCall, 'metadata' | 'getPeer'>): AdmittedService | Promise<AdmittedService> {
    return this.verification.admitService(serviceTokenOf(call.metadata), () => callerAddress(call.getPeer()));
  }
}
