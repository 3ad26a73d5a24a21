import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ApiKeyModule } from '#libs/api-key-auth';
import { CoherenceModule } from '#libs/coherence';
import type { AdminConfig } from '#libs/config';
import { SYSTEM_TIME } from '#libs/key-domain';
import { LifecycleModule } from '#libs/lifecycle';
import { type Log, ObservabilityModule } from '#libs/observability';
import { PersistenceModule } from '#libs/persistence';
import { VerificationModule } from '#libs/verification';
import { AdminGuard } from './access/admin.guard.js';
import { InProcessVerifier } from './access/in-process-verifier.js';
import { OriginCheck } from './access/origin-check.js';
import { PublicAddress } from './access/public-address.js';
import { SessionCookie } from './access/session-cookie.js';
import { RefusalRecord } from './audit/refusal-record.js';
import { CONTROLLERS } from './controllers.js';
import { DashboardPage } from './dashboard/dashboard-page.js';
import { AdminExceptionFilter } from './http/exception.filter.js';
import { IdempotencyInterceptor } from './http/idempotency.interceptor.js';
import { QueryInterceptor } from './http/query.interceptor.js';
import { ValidationPipe } from './http/validation.js';
import { ImportPlaces } from './import/import-places.js';
import { MatchingPlaces } from './keys/matching-places.js';
import { InvitationLink } from './people/invitation-link.js';
import { GithubKeys } from './leaks/github-keys.js';
import { Bootstrap } from './setup/bootstrap.js';
import { FirstServiceKey } from './setup/first-service-key.js';
import { ServiceKeyFile } from './setup/service-key-file.js';
import { AttemptCookie } from './people/oidc/attempt-cookie.js';
import { IdentityProvider, type OidcOptions } from './people/oidc/identity-provider.js';
import { PortsModule } from './start/ports.module.js';
import { Upkeep } from './upkeep/upkeep.js';
import { NoticeWorker } from './webhooks/notice-worker.js';
import { QuotaNoticeWorker } from './webhooks/quota-notice-worker.js';
import { WebhookSender } from './webhooks/webhook-sender.js';
import { WebhookWorker } from './webhooks/webhook-worker.js';

export interface AdminModuleOptions {
  readonly config: AdminConfig;
  readonly log: Log;
  /** The one beside the built admin if absent. */
  readonly page?: DashboardPage;
}

@Module({})
export class AdminModule {
  static forRoot({ config, log, page = DashboardPage.builtIn() }: AdminModuleOptions): DynamicModule {
    return {
      module: AdminModule,
      imports: [
        ObservabilityModule.forRoot({ app: 'admin', log }),
        PersistenceModule.forRoot({ url: config.MINTMARK_DATABASE_URL, migrate: 'run', log }),
        CoherenceModule.forAdmin({ databaseUrl: config.MINTMARK_DATABASE_URL, redisUrl: config.MINTMARK_REDIS_URL }),
        PortsModule.forRoot(config),
        LifecycleModule,
        ApiKeyModule.forRoot({
          imports: [VerificationModule],
          verifier: { useClass: InProcessVerifier },
          errorFormat: 'garmint',
          trustedProxies: config.MINTMARK_TRUSTED_PROXIES,
        }),
      ],
      controllers: CONTROLLERS,
      providers: [
        { provide: DashboardPage, useValue: page },
        { provide: PublicAddress, useValue: new PublicAddress(config.MINTMARK_PUBLIC_URL) },
        { provide: ServiceKeyFile, useValue: new ServiceKeyFile(config.MINTMARK_DATA_DIR) },
        {
          provide: IdentityProvider,
          useFactory: (address: PublicAddress) => new IdentityProvider(oidcOptions(config), address),
          inject: [PublicAddress],
        },
        AttemptCookie,
        { provide: GithubKeys, useValue: new GithubKeys(config.MINTMARK_GITHUB_KEYS_URL, SYSTEM_TIME, log) },
        Bootstrap,
        FirstServiceKey,
        ImportPlaces,
        InvitationLink,
        MatchingPlaces,
        NoticeWorker,
        OriginCheck,
        QuotaNoticeWorker,
        RefusalRecord,
        SessionCookie,
        Upkeep,
        WebhookSender,
        WebhookWorker,
        { provide: APP_GUARD, useClass: AdminGuard },
        AdminExceptionFilter,
        { provide: APP_FILTER, useExisting: AdminExceptionFilter },
        { provide: APP_INTERCEPTOR, useClass: QueryInterceptor },
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
        { provide: APP_PIPE, useClass: ValidationPipe },
      ],
    };
  }
}

/** Null: people sign in with passwords alone. */
function oidcOptions(config: AdminConfig): OidcOptions | null {
  const { MINTMARK_OIDC_ISSUER: issuer, MINTMARK_OIDC_CLIENT_ID: clientId, MINTMARK_OIDC_CLIENT_SECRET: clientSecret } = config;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return null;
  return { issuer, clientId, clientSecret };
}
