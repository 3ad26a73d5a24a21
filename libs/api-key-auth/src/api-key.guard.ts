import { type ExecutionContext, Inject, Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { UnavailableError } from '#libs/key-domain';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { API_KEY_STRATEGY, type PassportRequest } from './api-key.strategy.js';
import { letIn } from './current-key.js';
import { GUARD_OPTIONS, type GuardOptions } from './options.js';
import { limitHeaders } from './limits/limit-headers.js';
import { UNAVAILABLE } from './refusal/answer.js';
import { ApiKeyException } from './refusal/api-key.exception.js';
import { errorHeaders } from './refusal/error-headers.js';
import { RefusedError } from './refusal/refused-error.js';
import { type HttpRequest, requestOf } from './request/http-request.js';
import { RouteRules, type Rules } from './route-rules.js';

/**
 * Lets a request in if it brings a good key that grants what the route demands. Closed unless `@Public()`. It
 * guards HTTP routes; a handler of another transport is refused with an error.
 * @throws ApiKeyException
 */
@Injectable()
export class ApiKeyGuard extends AuthGuard(API_KEY_STRATEGY) {
  readonly #log = new Logger(ApiKeyGuard.name);

  constructor(
    private readonly authenticator: ApiKeyAuthenticator,
    private readonly rules: RouteRules,
    private readonly adapter: HttpAdapterHost,
    @Inject(GUARD_OPTIONS) private readonly defaults: GuardOptions,
  ) {
    super();
  }

  /** At once where the verifier's answer was kept; Passport is entered only to ask for one. */
  override canActivate(context: ExecutionContext): true | Promise<boolean> {
    const rules = this.rules.of(context);
    if (rules.isPublic) return true;
    if (context.getType() !== 'http') throw new Error(`ApiKeyGuard does not guard ${context.getType()} handlers`);
    try {
      if (this.#recall(requestOf(context), rules)) return true;
    } catch (error) {
      throw this.#toBeAnswered(context, error);
    }
    return this.#ask(context);
  }

  override getRequest(context: ExecutionContext): PassportRequest {
    const request = requestOf(context);
    const token = this.authenticator.tokenOf(request);
    const demands = this.rules.of(context).demandsOn(request);
    return {
      headers: { authorization: `Bearer ${token}` },
      authenticate: async (presented) => {
        const { grant, left } = await this.authenticator.authenticate(presented, request, demands);
        letIn(request, grant, left);
        if (left !== null) this.#setHeaders(context, limitHeaders(left));
        return grant;
      },
    };
  }

  #recall(request: HttpRequest, rules: Rules): boolean {
    const grant = this.authenticator.recall(this.authenticator.tokenOf(request), request, rules.demandsOn(request));
    if (grant !== null) letIn(request, grant);
    return grant !== null;
  }

  async #ask(context: ExecutionContext): Promise<boolean> {
    try {
      return (await super.canActivate(context)) === true;
    } catch (error) {
      throw this.#toBeAnswered(context, error);
    }
  }

  #toBeAnswered(context: ExecutionContext, error: unknown): unknown {
    if (error instanceof RefusedError) return this.#answer(context, this.authenticator.counted(error, requestOf(context)));
    if (!(error instanceof UnavailableError)) return error;
    this.#log.error(error.detail ?? error.message, error.cause instanceof Error ? error.cause.stack : undefined);
    return this.#answer(context, { answer: UNAVAILABLE, key: null, left: null }, error);
  }

  #answer(
    context: ExecutionContext,
    { answer, key, left }: Pick<RefusedError, 'answer' | 'key' | 'left'>,
    cause?: Error,
  ): ApiKeyException {
    const format = this.rules.of(context).errorFormat ?? this.defaults.errorFormat ?? 'problem';
    this.#setHeaders(context, { ...errorHeaders(answer, format), ...(left !== null && limitHeaders(left)) });
    return new ApiKeyException(answer, format, key, cause);
  }

  /** Of an answer that has begun no header can be set any more. */
  #setHeaders(context: ExecutionContext, headers: Readonly<Record<string, string>>): void {
    const response: unknown = context.switchToHttp().getResponse();
    if (this.adapter.httpAdapter.isHeadersSent(response)) return;
    for (const [name, value] of Object.entries(headers)) this.adapter.httpAdapter.setHeader(response, name, value);
  }
}
