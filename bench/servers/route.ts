/*
 * A Nest app with one route.
 * BENCH_ADAPTER: `express` or `fastify`. BENCH_GUARD: `none`, `empty` for one that lets everybody in, or `mintmark`, with
 * BENCH_VERIFIER and BENCH_SERVICE_KEY.
 */
import 'reflect-metadata';
import { type CanActivate, Controller, Get, type INestApplication, Module, type Type, UseGuards } from '@nestjs/common';
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

class EmptyGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

@UseGuards(EmptyGuard)
@Controller('garments')
class EmptilyGuardedController {
  @Get()
  list(): typeof GARMENTS {
    return GARMENTS;
  }
}

@Module({ controllers: [EmptilyGuardedController] })
class EmptilyGuardedModule {}

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

const MODULES: Readonly<Record<string, Type>> = { none: OpenModule, empty: EmptilyGuardedModule, mintmark: GuardedModule };

async function create(module: Type): Promise<INestApplication> {
  const options = { logger: false } as const;
  if (process.env['BENCH_ADAPTER'] === 'fastify') return NestFactory.create(module, new FastifyAdapter(), options);
  return NestFactory.create(module, new ExpressAdapter(), options);
}

const module = MODULES[process.env['BENCH_GUARD'] ?? ''];
if (module === undefined) throw new Error('BENCH_GUARD is missing');
const app = await create(module);
await app.listen(0, '127.0.0.1');
process.stdout.write(`route ${await app.getUrl()}\n`);

await once(process, 'SIGTERM');
await app.close();
