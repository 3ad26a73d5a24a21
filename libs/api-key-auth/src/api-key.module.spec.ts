import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import {
  type ArgumentsHost,
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  type NestInterceptor,
  Req,
  Res,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, BaseExceptionFilter, HttpAdapterHost, NestFactory } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { ExpressAdapter } from '@nestjs/platform-express';
import { status } from '@grpc/grpc-js';
import { type KeyRecord, UnavailableError } from '#libs/key-domain';
import { ApiKeyGuard } from './api-key.guard.js';
import { ApiKeyModule } from './api-key.module.js';
import { RequireScopes } from './decorators.js';
import { PLATFORMS, send, startGuarded } from './guarded-app.fixture.js';
import { BEARER, expectRefusal, NO_HEADER, SERVICE_KEY, UNAVAILABLE } from './refusals.fixture.js';
import { ApiKeyException } from './refusal/api-key.exception.js';
import { GRANT, response, ScriptedVerifier } from './scripted-verifier.fixture.js';
import type { GuardQuestion } from './token-verifier.js';

describe.each(PLATFORMS)('an app on %s', (_, adapter) => {
  test('whose verifier is away answers 503, and lets keys in again soon after it is back', async () => {
    const before = await ScriptedVerifier.start();
    const app = await startGuarded(adapter(), { verifierUrl: before.url, serviceKey: SERVICE_KEY, errorFormat: 'garmint' });
    expect((await send(`${app.url}/key`, BEARER)).status).toBe(200);
    before.stop();
    for (let i = 0; i < 5; i++) expectRefusal(await send(`${app.url}/key`, BEARER), 'garmint', UNAVAILABLE);
    const after = await ScriptedVerifier.start(before.port);
    const back = Date.now();
    while ((await send(`${app.url}/key`, BEARER)).status !== 200 && Date.now() - back < 5_000) await sleep(20);
    expect(Date.now() - back).toBeLessThan(2_000);
    await app.close();
    after.stop();
  });

  test('logs why it could not verify, without the token or its digest', async () => {
    const lines: unknown[][] = [];
    const write = (...line: unknown[]) => void lines.push(line);
    const logger = { log: () => undefined, warn: write, error: write };
    const verifier = await ScriptedVerifier.start();
    verifier.script = () => ({ code: status.PERMISSION_DENIED });
    const app = await startGuarded(adapter(), { verifierUrl: verifier.url, serviceKey: SERVICE_KEY }, {}, logger);
    await send(`${app.url}/key`, BEARER);
    expect(lines).toEqual([[expect.stringContaining('lacks the scope mintmark:tokens:verify'), undefined, 'ApiKeyGuard']]);
    await app.close();
    verifier.stop();
  });

  test('is told whose key was refused, and where nobody knows the token: there a former system may be asked', async () => {
    const verifier = await ScriptedVerifier.start();
    const refused: unknown[] = [];
    class Noting extends BaseExceptionFilter {
      override catch(error: unknown, host: ArgumentsHost): void {
        if (error instanceof ApiKeyException) refused.push([error.code, error.key?.keyId ?? null]);
        super.catch(error, host);
      }
    }
    const useFactory = ({ httpAdapter }: HttpAdapterHost) => new Noting(httpAdapter);
    const providers = [{ provide: APP_FILTER, useFactory, inject: [HttpAdapterHost] }];
    const app = await startGuarded(
      adapter(),
      { verifierUrl: verifier.url, serviceKey: SERVICE_KEY, cache: false },
      { providers },
    );
    for (const code of ['NOT_FOUND', 'MALFORMED', 'REVOKED', 'DISABLED'] as const) {
      const known = code === 'REVOKED' || code === 'DISABLED';
      verifier.script = () => response(code, known ? { grant: GRANT } : {});
      expect((await send(`${app.url}/key`, BEARER)).status).toBe(401);
    }
    expect(refused).toEqual([null, null, 'key_1', 'key_1'].map((key) => ['unauthorized', key]));
    await app.close();
    verifier.stop();
  });

  test('that guards every route globally is closed, but for public ones', async () => {
    const verifier = await ScriptedVerifier.start();
    const options = { verifierUrl: verifier.url, serviceKey: SERVICE_KEY, errorFormat: 'keymint' } as const;
    const app = await startGuarded(adapter(), options, { providers: [{ provide: APP_GUARD, useExisting: ApiKeyGuard }] });
    expectRefusal(await send(`${app.url}/key`), 'keymint', NO_HEADER);
    expect((await send(`${app.url}/public`)).status).toBe(200);
    await app.close();
    verifier.stop();
  });

  test('takes its options from a factory and another verifier from a provider, beside an app that has its own', async () => {
    const record: KeyRecord = {
      keyId: 'key_in_process',
      secretId: 's',
      accountId: 'a',
      accountSuspended: false,
      ownerId: null,
      name: 'n',
      environment: null,
      scopes: [],
      products: 'all',
      allowedCidrs: [],
      metadata: {},
      limits: null,
      enabled: true,
      revoked: false,
      expiresAt: null,
    };
    const questions: GuardQuestion[] = [];
    const verify = async (question: GuardQuestion) => {
      questions.push(question);
      if (questions.length > 1)
        throw questions.length > 2 ? new RangeError('a fault') : new UnavailableError('away', { detail: 'disk' });
      return Promise.resolve({ verdict: { code: 'VALID' as const, record }, left: null });
    };
    const inProcess = ApiKeyModule.forRootAsync({
      useFactory: () => Promise.resolve({ errorFormat: 'keymint' as const }),
      verifier: { useValue: { verify } },
    });
    const verifier = await ScriptedVerifier.start();
    const app = await startGuarded(adapter(), inProcess);
    const neighbour = await startGuarded(
      adapter(),
      ApiKeyModule.forRootAsync({ useFactory: () => ({ verifierUrl: verifier.url, serviceKey: () => SERVICE_KEY }) }),
    );
    const [own, other] = await Promise.all([send(`${app.url}/key`, BEARER), send(`${neighbour.url}/key`, BEARER)]);
    expect([own.text, other.text]).toEqual([expect.stringContaining('key_in_process'), expect.stringContaining('"key_1"')]);
    expectRefusal(await send(`${app.url}/key`, BEARER), 'keymint', UNAVAILABLE);
    expectRefusal(await send(`${app.url}/key`, BEARER), 'keymint', UNAVAILABLE);
    await Promise.all([app.close(), neighbour.close()]);
    verifier.stop();
  });
});

/** What the two platforms' answers have in common here. */
interface RawAnswer extends ServerResponse {
  readonly raw?: ServerResponse;
  hijack?(): void;
}

/** Keeps the context at hand, for a handler that asks again while it goes on answering. */
@Injectable()
class ContextAtHand implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    Object.assign(context.switchToHttp().getRequest<object>(), { context });
    return next.handle();
  }
}

@UseGuards(ApiKeyGuard)
@UseInterceptors(ContextAtHand)
@Controller()
class StreamController {
  constructor(@Inject(ApiKeyGuard) private readonly guard: ApiKeyGuard) {}

  @Get('stream') async stream(@Req() { context }: { context: ExecutionContext }, @Res() answer: RawAnswer) {
    answer.hijack?.();
    const stream = answer.raw ?? answer;
    for (let message = 0; ; message += 1) {
      try {
        await this.guard.canActivate(context);
        stream.write(`${message};`);
      } catch (error) {
        stream.end(error instanceof ApiKeyException ? error.code : String(error));
        return;
      }
    }
  }
}

describe.each(PLATFORMS)('a handler on %s that goes on answering', (_, adapter) => {
  test('is told by the guard, asked again, once the key is good no more', async () => {
    const verifier = await ScriptedVerifier.start();
    verifier.script = () => response(verifier.asked.length < 5 ? 'VALID' : 'REVOKED', { grant: GRANT });
    const options = { verifierUrl: verifier.url, serviceKey: SERVICE_KEY };
    const app = await startGuarded(adapter(), options, { controllers: [StreamController] });
    expect(await send(`${app.url}/stream`, BEARER)).toMatchObject({ status: 200, text: '0;1;2;unauthorized' });
    await app.close();
    verifier.stop();
  });
});

describe('a guarded handler of another transport', () => {
  test('is closed', async () => {
    const verifier = await ScriptedVerifier.start();
    const module = ApiKeyModule.forRoot({ verifierUrl: verifier.url, serviceKey: SERVICE_KEY });
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    const context = new ExecutionContextHost([{ headers: BEARER }], Object, () => 'open');
    for (const type of ['rpc', 'ws', 'graphql']) {
      context.setType(type);
      expect(() => app.get(ApiKeyGuard).canActivate(context)).toThrow(`ApiKeyGuard does not guard ${type} handlers`);
    }
    await app.close();
    verifier.stop();
  });
});

describe('what can not be right stops the start', () => {
  test.each(['garments', 'garments:read write', 'mintmark:everything', ''])('the scope %j', (scope) => {
    expect(() => RequireScopes(scope)).toThrow(TypeError);
  });

  test('a proxy that is no range', async () => {
    const verify = () => Promise.reject(new Error('not asked'));
    const start = startGuarded(new ExpressAdapter(), { verifier: { useValue: { verify } }, trustedProxies: ['10.0.0.0/33'] });
    await expect(start).rejects.toThrow('trustedProxies: "10.0.0.0/33" is no CIDR range');
  });
});
