import {
  type CallHandler,
  type ExecutionContext,
  HttpStatus,
  Inject,
  Injectable,
  type NestInterceptor,
  RequestMethod,
  SetMetadata,
} from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { defer, from, lastValueFrom, type Observable } from 'rxjs';
import { InvalidRequestError } from '#libs/key-domain';
import { IdempotentRequests, type Principal } from '#libs/lifecycle';
import { Log } from '#libs/observability';
import { principalOf, rememberPrincipal } from '../access/authenticated.js';

export const IDEMPOTENCY_KEY = 'Idempotency-Key';
export const REPLAYED = 'Idempotency-Replayed';

const ACCEPTABLE = /^[\x20-\x7e]{1,255}$/;
const CREATED: number = HttpStatus.CREATED;
const POST = RequestMethod[RequestMethod.POST];
const REPEATS_ITSELF = 'mintmark:repeats-itself';
export const ANSWER_KEPT = 'mintmark:answer-kept';

/** For a route that tells repetitions by what is sent: it takes no notice of the header. */
export function TellsRepetitions(): MethodDecorator {
  return SetMetadata(REPEATS_ITSELF, true);
}

/** Whether the answer holds no secret, so that it may be kept and given again; if not said: unless the route creates. */
export function keepsAnswer(kept: boolean): MethodDecorator {
  return SetMetadata(ANSWER_KEPT, kept);
}

/** Carries a POST out once, however often it is sent under one `Idempotency-Key`. Public routes take no notice of it. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly requests: IdempotentRequests,
    @Inject(Log) private readonly log: Log,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    const key = request.get(IDEMPOTENCY_KEY);
    const principal = principalOf(request);
    if (key === undefined || principal === null || request.method !== POST) return next.handle();
    if (this.reflector.get<boolean | undefined>(REPEATS_ITSELF, context.getHandler()) === true) return next.handle();
    if (!ACCEPTABLE.test(key)) throw InvalidRequestError.at(IDEMPOTENCY_KEY, 'From 1 to 255 printable ASCII characters.');
    return defer(() => from(this.#once(context, next, principal, key)));
  }

  async #once(context: ExecutionContext, next: CallHandler, principal: Principal, key: string): Promise<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    const { method, originalUrl: path } = request;
    const body: unknown = request.body;
    const { status, kept } = this.#rulesOf(context);
    const begun = await this.requests.begin(principal, { key, method, path, body, repeatable: status !== CREATED });
    if (!('attempt' in begun)) return replay(context, begun.body);

    const { attempt } = begun;
    rememberPrincipal(request, { ...principal, origin: { ...principal.origin, attempt } });
    const work = (): Promise<unknown> => lastValueFrom(next.handle(), { defaultValue: undefined });
    const answer = await this.requests.during(attempt, work, this.#notRenewed).catch(async (error: unknown) => {
      await this.#noted(() => this.requests.abandon(attempt));
      throw error;
    });
    const text = answer === undefined ? '' : JSON.stringify(answer);
    await this.#noted(() => this.requests.end(attempt, { status, body: kept ? text : null }));
    return answer;
  }

  #rulesOf(context: ExecutionContext): { readonly status: number; readonly kept: boolean } {
    const handler = context.getHandler();
    const status = this.reflector.get<number | undefined>(HTTP_CODE_METADATA, handler) ?? CREATED;
    const kept = this.reflector.get<boolean | undefined>(ANSWER_KEPT, handler) ?? status !== CREATED;
    return { status, kept };
  }

  readonly #notRenewed = (err: unknown): void => this.log.warn({ err }, 'an idempotent request that goes on could not be noted');

  /** What was done stays done, and is told, though its end could not be noted: a repetition finds out by itself. */
  async #noted(note: () => Promise<void>): Promise<void> {
    await note().catch((err: unknown) => this.log.warn({ err }, 'the end of an idempotent request could not be noted'));
  }
}

function replay(context: ExecutionContext, body: string): unknown {
  context.switchToHttp().getResponse<Response>().setHeader(REPLAYED, 'true');
  return body === '' ? undefined : (JSON.parse(body) as unknown);
}
