import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { ApiKeyGuard, ApiKeyModule, type ApiKeyModuleOptions } from '#libs/api-key-auth';
import { CustomersController } from './customers/customers.controller.js';
import { GarmentsController } from './garments/garments.controller.js';
import { HealthController } from './health.controller.js';
import { SeedErrorsFilter } from './seed-errors.filter.js';

/** An API that keys open: every route is guarded, unless it is marked public. */
@Module({})
export class ExampleModule {
  static forRoot(guard: ApiKeyModuleOptions): DynamicModule {
    return {
      module: ExampleModule,
      imports: [ApiKeyModule.forRoot(guard)],
      controllers: [GarmentsController, CustomersController, HealthController],
      providers: [
        { provide: APP_GUARD, useExisting: ApiKeyGuard },
        { provide: APP_FILTER, useClass: SeedErrorsFilter },
      ],
    };
  }
}
