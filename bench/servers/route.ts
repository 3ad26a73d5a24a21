/*
 * A Nest app with one route, behind the guard or not.
 * BENCH_ADAPTER: `express` or `fastify`. BENCH_GUARDED: `yes`, with BENCH_VERIFIER and BENCH_SERVICE_KEY; otherwise `no`.
 */
import 'reflect-metadata';
import { Controller, Get, type INestApplication, Module, type Type, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { ApiKeyGuard, ApiKeyModule, RequireScopes } from '#libs/api-key-auth';
import { SCOPE } from './installation.js';

const GARMENTS = { garments: ['coat', 'shirt'] };

@Controller('garments')
class OpenController {
  @Get()
  list(): typeof GARMENTS {
    return GARMENTS;
  }
}

@Module({ controllers: [OpenController] })
class OpenModule {}

@UseGuards(ApiKeyGuard)
@Controller('garments')
class GuardedController {
  @Get()
  @RequireScopes(SCOPE)
  list(): typeof GARMENTS {
    return GARMENTS;
  }
}

@Module({
  imports: [
    ApiKeyModule.forRoot({
      verifierUrl: process.env['BENCH_VERIFIER'] ?? 'http://127.0.0.1:1',
      serviceKey: process.env['BENCH_SERVICE_KEY'] ?? 'none',
    }),
  ],
  controllers: [GuardedController],
})
class GuardedModule {}

async function create(module: Type): Promise<INestApplication> {
  const options = { logger: false } as const;
  if (process.env['BENCH_ADAPTER'] === 'fastify') return NestFactory.create(module, new FastifyAdapter(), options);
  return NestFactory.create(module, new ExpressAdapter(), options);
}

const app = await create(process.env['BENCH_GUARDED'] === 'yes' ? GuardedModule : OpenModule);
await app.listen(0, '127.0.0.1');
process.stdout.write(`route ${await app.getUrl()}\n`);

await once(process, 'SIGTERM');
await app.close();
