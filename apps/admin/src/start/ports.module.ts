import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
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
  KeyStore,
  LoginThrottle,
  MemberStore,
  NO_MEMORY,
  PeopleStore,
  type Pepper,
  PepperRing,
  SecretLookup,
  SecretUpkeep,
  TokenRulesSource,
} from '#libs/key-domain';
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
  PostgresKeyStore,
  PostgresLoginThrottle,
  PostgresMemberStore,
  PostgresPeopleStore,
  PostgresSecretLookup,
  PostgresSecretUpkeep,
  PostgresTokenRulesSource,
} from '#libs/persistence';

/** Binds every port that the admin's use cases stand on to its adapter. */
@Module({})
export class PortsModule {
  static forRoot(peppers: readonly [Pepper, ...Pepper[]]): DynamicModule {
    const providers = [
      { provide: PepperRing, useValue: new PepperRing(peppers) },
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
      bind(KeyStore, PostgresKeyStore),
      bind(LoginThrottle, PostgresLoginThrottle),
      bind(MemberStore, PostgresMemberStore),
      bind(PeopleStore, PostgresPeopleStore),
      bind(SecretLookup, PostgresSecretLookup),
      bind(SecretUpkeep, PostgresSecretUpkeep),
      bind(TokenRulesSource, PostgresTokenRulesSource),
    ];
    return { module: PortsModule, global: true, providers, exports: providers };
  }
}

function bind(port: symbol, adapter: Type): Provider {
  return { provide: port, useExisting: adapter };
}
