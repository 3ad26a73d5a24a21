import { type DynamicModule, Module } from '@nestjs/common';
import {
  ChangeLogChoice,
  InstallationStore,
  LimitLedger,
  type Pepper,
  PepperRing,
  SecretLookup,
  SecretUpkeep,
  TokenRulesSource,
  UsageStore,
} from '#libs/key-domain';
import {
  PostgresChangeLogChoice,
  PostgresInstallationStore,
  PostgresLimitLedger,
  PostgresSecretLookup,
  PostgresSecretUpkeep,
  PostgresTokenRulesSource,
  PostgresUsageStore,
} from '#libs/persistence';

/** Binds every port that the verifier stands on to its adapter. */
@Module({})
export class PortsModule {
  static forRoot(peppers: readonly [Pepper, ...Pepper[]]): DynamicModule {
    const providers = [
      { provide: PepperRing, useValue: new PepperRing(peppers) },
      { provide: ChangeLogChoice, useExisting: PostgresChangeLogChoice },
      { provide: InstallationStore, useExisting: PostgresInstallationStore },
      { provide: LimitLedger, useExisting: PostgresLimitLedger },
      { provide: SecretLookup, useExisting: PostgresSecretLookup },
      { provide: SecretUpkeep, useExisting: PostgresSecretUpkeep },
      { provide: TokenRulesSource, useExisting: PostgresTokenRulesSource },
      { provide: UsageStore, useExisting: PostgresUsageStore },
    ];
    return { module: PortsModule, global: true, providers, exports: providers };
  }
}
