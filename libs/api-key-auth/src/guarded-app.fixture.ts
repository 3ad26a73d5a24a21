import { request as httpRequest } from 'node:http';
import { Body, Controller, Get, type LoggerService, Module, type ModuleMetadata, Post, Req, UseGuards } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ApiKeyGuard } from './api-key.guard.js';
import { ApiKeyModule, type ApiKeyModuleOptions } from './api-key.module.js';
import { CurrentKey, ErrorFormat, Public, RequireProduct, RequireScopes } from './decorators.js';
import type { KeyGrant } from './key-grant.js';

export const PLATFORMS: readonly (readonly [string, () => AbstractHttpAdapter])[] = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter({ routerOptions: { maxParamLength: 200 } })],
];

@UseGuards(ApiKeyGuard)
@RequireScopes('garments:read')
@Controller()
export class GarmentsController {
  @Get('key') key(@CurrentKey() key: KeyGrant, @Req() request: { user: KeyGrant }) {
    return { key, sameAsUser: key === request.user };
  }
  @Get('demanding') @RequireScopes('garments:write') @RequireScopes('garments:read', 'outfits:read') demanding() {
    return 'open';
  }
  @Get('garmint') @ErrorFormat('garmint') garmint() {
    return 'open';
  }
  @Get('keymint') @ErrorFormat('keymint') keymint() {
    return 'open';
  }
  @Get('problem') @ErrorFormat('problem') problem() {
    return 'open';
  }
  @Post('garmint') @ErrorFormat('garmint') post(@Body() body: unknown) {
    return { body };
  }
  @Get('products/:productId') @RequireProduct('productId') product() {
    return 'open';
  }
  @Get('no-product') @RequireProduct('productId') noProduct() {
    return 'open';
  }
  @Get('public') @Public() open() {
    return 'open';
  }
  @Get('public-and-demanding') @Public() @RequireScopes('garments:write') contradictory() {
    return 'open';
  }
  @Get('public-key') @Public() publicKey(@CurrentKey() key: KeyGrant) {
    return key;
  }
}

@UseGuards(ApiKeyGuard)
@Public()
@Controller('lobby')
export class LobbyController {
  @Get() open() {
    return 'open';
  }
  @Get('vault') @RequireScopes('garments:write') vault() {
    return 'open';
  }
}

export interface GuardedApp {
  readonly url: string;
  close(): Promise<void>;
}

/** A real app on a free loopback port. */
export async function startGuarded(
  adapter: AbstractHttpAdapter,
  options: ApiKeyModuleOptions | ReturnType<typeof ApiKeyModule.forRootAsync>,
  { providers = [], controllers = [GarmentsController, LobbyController] }: ModuleMetadata = {},
  logger: LoggerService | false = false,
): Promise<GuardedApp> {
  @Module({ imports: ['module' in options ? options : ApiKeyModule.forRoot(options)], controllers, providers })
  class AppModule {}
  const app = await NestFactory.create(AppModule, adapter, { logger, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends a request byte for byte: a list of values sends as many headers. */
export function send(url: string, headers: Record<string, string | string[]> = {}, body?: string): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { headers, method: body === undefined ? 'GET' : 'POST', agent: false }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
