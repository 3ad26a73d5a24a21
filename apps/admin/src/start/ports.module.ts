import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import type { AdminConfig } from '#libs/config';
import {
  AccountStore,
  AuditLog,
  CatalogueStore,
  ChangeFollower,
  ChangeLogChoice,
  ChangeOutbox,
  IdentityStore,
  IdempotencyStore,
  InstallationStore,
  InvitationStore,
  KeyImportStore,
  KeyNotices,
  KeyStore,
  LimitLedger,
  LoginThrottle,
  MemberStore,
  NO_MEMORY,
  PeopleStore,
  PepperRing,
  QuotaNotices,
  SecretLookup,
  SecretUpkeep,
  StorageUpkeep,
  TokenRulesSource,
  UsageStore,
  WebhookOutbox,
  WebhookSecrets,
  WebhookStore,
} from '#libs/key-domain';
import { WebhookAddresses } from '#libs/lifecycle';
import {
  PostgresAccountStore,
  PostgresAuditLog,
  PostgresCatalogueStore,
  PostgresChangeLogChoice,
  PostgresChangeOutbox,
  PostgresIdentityStore,
  PostgresIdempotencyStore,
  PostgresInstallationStore,
  PostgresInvitationStore,
  PostgresKeyImportStore,
  PostgresKeyNotices,
  PostgresKeyStore,
  PostgresLimitLedger,
  PostgresLoginThrottle,
  PostgresMemberStore,
  PostgresPeopleStore,
  PostgresQuotaNotices,
  PostgresSecretLookup,
  PostgresSecretUpkeep,
  PostgresStorageUpkeep,
  PostgresTokenRulesSource,
  PostgresUsageStore,
  PostgresWebhookOutbox,
  PostgresWebhookStore,
} from '#libs/persistence';

/** Binds every port that the admin's use cases stand on to its adapter. */
@Module({})
export class PortsModule {
  static forRoot(config: Pick<AdminConfig, 'MINTMARK_PEPPERS' | 'MINTMARK_WEBHOOK_ALLOW_PRIVATE'>): DynamicModule {
    const ring = new PepperRing(config.MINTMARK_PEPPERS);
    const providers = [
      { provide: PepperRing, useValue: ring },
      { provide: WebhookAddresses, useValue: new WebhookAddresses(config.MINTMARK_WEBHOOK_ALLOW_PRIVATE) },
      { provide: WebhookSecrets, useValue: new WebhookSecrets(ring) },
      { provide: ChangeFollower, useValue: NO_MEMORY },
      bind(AccountStore, PostgresAccountStore),
      bind(AuditLog, PostgresAuditLog),
      bind(CatalogueStore, PostgresCatalogueStore),
      bind(ChangeLogChoice, PostgresChangeLogChoice),
      bind(ChangeOutbox, PostgresChangeOutbox),
      bind(IdentityStore, PostgresIdentityStore),
      bind(IdempotencyStore, PostgresIdempotencyStore),
      bind(InstallationStore, PostgresInstallationStore),
      bind(InvitationStore, PostgresInvitationStore),
      bind(KeyImportStore, PostgresKeyImportStore),
      bind(KeyNotices, PostgresKeyNotices),
      bind(KeyStore, PostgresKeyStore),
      bind(LimitLedger, PostgresLimitLedger),
      bind(LoginThrottle, PostgresLoginThrottle),
      bind(MemberStore, PostgresMemberStore),
      bind(PeopleStore, PostgresPeopleStore),
      bind(QuotaNotices, PostgresQuotaNotices),
      bind(SecretLookup, PostgresSecretLookup),
      bind(SecretUpkeep, PostgresSecretUpkeep),
      bind(StorageUpkeep, PostgresStorageUpkeep),
      bind(TokenRulesSource, PostgresTokenRulesSource),
      bind(UsageStore, PostgresUsageStore),
      bind(WebhookOutbox, PostgresWebhookOutbox),
      bind(WebhookStore, PostgresWebhookStore),
    ];
    return { module: PortsModule, global: true, providers, exports: providers };
  }
}

function bind(port: symbol, adapter: Type): Provider {
  return { provide: port, useExisting: adapter };
}
