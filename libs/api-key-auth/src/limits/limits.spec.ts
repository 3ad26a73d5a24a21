import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Controller,
  Get,
  Inject,
  NotFoundException,
  type ExecutionContext,
  Injectable,
  type CanActivate,
  UseGuards,
} from '@nestjs/common';
import type { VerifyTokenResponse } from '#libs/contract';
import type { LimitsLeft } from '#libs/key-domain';
import { ApiKeyGuard } from '../api-key.guard.js';
import { Cost, CurrentLimits, ErrorFormat, Public } from '../decorators.js';
import { type GuardedApp, type HttpAnswer, PLATFORMS, send, startGuarded } from '../guarded-app.fixture.js';
import { BEARER, expectRefusal, QUOTA, RATE, SERVICE_KEY } from '../refusals.fixture.js';
import { type CodeName, GRANT, response, ScriptedVerifier } from '../scripted-verifier.fixture.js';

const MINUTE_ENDS = new Date('2030-01-02T03:05:00.001Z');
const HOUR_ENDS = new Date('2030-01-02T04:00:00Z');
const BY_MINUTE = { name: 'minute', limit: 10, remaining: 4, resetsAt: MINUTE_ENDS };
const BY_HOUR = { name: 'hour', limit: 100, remaining: 5, resetsAt: HOUR_ENDS };
const QUOTA_LEFT = { remaining: 1_000_000_000_000, refillsAt: HOUR_ENDS };
const TOLD_MINUTE = {
  'x-ratelimit-limit': '10',
  'x-ratelimit-remaining': '4',
  'x-ratelimit-reset': String(Date.UTC(2030, 0, 2, 3, 5, 1) / 1000),
};

/** Asks the guard a second time, as one that stands on the app and on the controller does. */
@Injectable()
class GuardAgain implements CanActivate {
  constructor(@Inject(ApiKeyGuard) private readonly guard: ApiKeyGuard) {}

  canActivate(context: ExecutionContext) {
    return this.guard.canActivate(context);
  }
}

@UseGuards(ApiKeyGuard)
@Cost(7)
@Controller()
class PricedController {
  @Get('limits') limits(@CurrentLimits() limits: LimitsLeft | null) {
    return { limits };
  }
  @Get('dear') @Cost(4_294_967_295) dear() {
    return 'open';
  }
  @Get('check') @Cost(0) check() {
    return 'open';
  }
  @Get('none') none() {
    throw new NotFoundException();
  }
  @Get('twice') @UseGuards(GuardAgain) twice() {
    return 'open';
  }
  @Get('public') @Public() open() {
    return 'open';
  }
  @Get('public-and-priced') @Public() @Cost(0) contradictory() {
    return 'open';
  }
  @Get('garmint') @ErrorFormat('garmint') @Cost(1) garmint() {
    return 'open';
  }
  @Get('keymint') @ErrorFormat('keymint') @Cost(1) keymint() {
    return 'open';
  }
  @Get('problem') @ErrorFormat('problem') @Cost(1) problem() {
    return 'open';
  }
}

@UseGuards(ApiKeyGuard)
@Controller('plain')
class PlainController {
  @Get() open() {
    return 'open';
  }
}

describe.each(PLATFORMS)('ApiKeyGuard on %s', (_, adapter) => {
  let verifier: ScriptedVerifier;
  let app: GuardedApp;
  const get = (path: string) => send(`${app.url}/${path}`, BEARER);
  const answerWith = (fields: Partial<VerifyTokenResponse>, code: CodeName = 'VALID') => {
    verifier.script = () => response(code, { grant: GRANT, ...fields });
  };

  beforeAll(async () => {
    verifier = await ScriptedVerifier.start();
    app = await startGuarded(
      adapter(),
      { verifierUrl: verifier.url, serviceKey: SERVICE_KEY },
      { controllers: [PricedController, PlainController] },
    );
  });
  afterEach(() => {
    verifier.asked.length = 0;
    verifier.script = () => response('VALID', { grant: GRANT });
  });
  afterAll(async () => {
    await app.close();
    verifier.stop();
  });

  test('tells whoever is let in of the rate limit that stops him first, and of the credits left', async () => {
    answerWith({ rateLimits: [BY_HOUR, BY_MINUTE], quota: QUOTA_LEFT });
    expect(toldOf(await get('limits'))).toEqual({ ...TOLD_MINUTE, 'x-tokens-remaining': '1000000000000' });
    expect(toldOf(await get('none'))).toMatchObject(TOLD_MINUTE);
  });

  test('tells of rate limits alone where there is no quota, of the quota alone where there is nothing else, and of nothing without', async () => {
    answerWith({ rateLimits: [BY_MINUTE] });
    expect(toldOf(await get('limits'))).toEqual(TOLD_MINUTE);
    answerWith({ quota: { remaining: 0, refillsAt: undefined } });
    expect(toldOf(await get('limits'))).toEqual({ 'x-tokens-remaining': '0' });
    answerWith({});
    expect(toldOf(await get('limits'))).toEqual({});
  });

  test('tells the handler what is left; null of a key without limits', async () => {
    answerWith({ rateLimits: [BY_MINUTE], quota: QUOTA_LEFT });
    expect(JSON.parse((await get('limits')).text)).toEqual({
      limits: {
        rateLimits: [{ ...BY_MINUTE, resetsAt: MINUTE_ENDS.getTime() }],
        quota: { ...QUOTA_LEFT, refillsAt: HOUR_ENDS.getTime() },
      },
    });
    answerWith({});
    expect(JSON.parse((await get('limits')).text)).toEqual({ limits: null });
  });

  test.each(['garmint', 'keymint', 'problem'] as const)(
    'tells whoever is refused by a limit of it, in the format %s',
    async (format) => {
      const spent = [BY_MINUTE, BY_HOUR].map((limit) => ({ ...limit, remaining: 0 }));
      answerWith({ rateLimits: spent, quota: QUOTA_LEFT, retryAfter: { seconds: 59, nanos: 1_000_000 } }, 'RATE_LIMITED');
      const limited = await get(format);
      expectRefusal(limited, format, RATE);
      expect(toldOf(limited)).toEqual({
        'x-ratelimit-limit': '100',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(HOUR_ENDS.getTime() / 1000),
        'x-tokens-remaining': '1000000000000',
      });
      answerWith({ rateLimits: [BY_MINUTE], quota: { remaining: 0, refillsAt: undefined } }, 'QUOTA_EXCEEDED');
      const exhausted = await get(format);
      expectRefusal(exhausted, format, QUOTA);
      expect(toldOf(exhausted)).toEqual({ ...TOLD_MINUTE, 'x-tokens-remaining': '0' });
    },
  );

  test('asks for what the nearest level says that a request costs, and for one credit where none does', async () => {
    for (const path of ['limits', 'dear', 'check', 'plain']) await get(path);
    expect(verifier.asked.map(({ request }) => request.cost)).toEqual([7, 4_294_967_295, 0, 1]);
  });

  test('names what a request costs where there are not enough credits for it', async () => {
    answerWith({ quota: { remaining: 3, refillsAt: undefined } }, 'QUOTA_EXCEEDED');
    expect(JSON.parse((await get('limits')).text)).toMatchObject({ required: 7, available: 3 });
  });

  test('takes for a request once, however often it is asked about it, and refuses nobody for what the request took itself', async () => {
    answerWith({ rateLimits: [{ ...BY_MINUTE, remaining: 0 }] });
    const script = verifier.script;
    verifier.script = (request) => (request.cost === 0 ? response('RATE_LIMITED', { grant: GRANT }) : script(request));
    expect((await get('twice')).status).toBe(200);
    expect(verifier.asked.map(({ request }) => request.cost)).toEqual([7, 0]);
  });

  test('asked again about a request refuses it for everything else', async () => {
    for (const code of ['REVOKED', 'QUOTA_EXCEEDED', 'INSUFFICIENT_SCOPE'] as const) {
      verifier.script = ({ cost }) => (cost === 0 ? response(code, { grant: GRANT }) : response('VALID', { grant: GRANT }));
      expect((await get('twice')).status).toBeGreaterThanOrEqual(401);
    }
  });

  test('asks about every request of a key with limits, whatever the verifier lets it keep', async () => {
    const cacheTtl = { seconds: 60, nanos: 0 };
    answerWith({ cacheTtl });
    let asked = -1;
    while (asked !== verifier.asked.length) {
      asked = verifier.asked.length;
      await get('plain');
    }
    answerWith({ cacheTtl, rateLimits: [BY_MINUTE] });
    const other = { authorization: 'Bearer mm_live_of_another_key' };
    for (let i = 0; i < 5; i++) expect(toldOf(await send(`${app.url}/plain`, other))).toEqual(TOLD_MINUTE);
    expect(verifier.asked).toHaveLength(asked + 5);
  });

  test('opens no route that is both public and priced', async () => {
    expect((await send(`${app.url}/public`)).status).toBe(200);
    expect((await send(`${app.url}/public-and-priced`)).status).toBe(401);
  });
});

describe('what can be no cost stops the start', () => {
  test.each([-1, 1.5, NaN, Infinity, 4_294_967_296])('%p', (credits) => {
    expect(() => Cost(credits)).toThrow(TypeError);
  });
});

/** The headers that tell of limits. */
function toldOf({ headers }: HttpAnswer): object {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('x-ratelimit-') || name.startsWith('x-tokens-')),
  );
}
