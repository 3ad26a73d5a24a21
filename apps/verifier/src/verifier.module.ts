import { type DynamicModule, Module } from '@nestjs/common';
import { CoherenceModule } from '#libs/coherence';
import type { VerifierConfig } from '#libs/config';
import { type Log, ObservabilityModule } from '#libs/observability';
import { PersistenceModule } from '#libs/persistence';
import { QuestionsModule } from './questions/questions.module.js';
import { PortsModule } from './start/ports.module.js';

@Module({})
export class VerifierModule {
  static forRoot(config: VerifierConfig, log: Log): DynamicModule {
    return {
      module: VerifierModule,
      imports: [
        ObservabilityModule.forRoot({ app: 'verifier', log }),
        PersistenceModule.forRoot({ url: config.MINTMARK_DATABASE_URL, migrate: 'wait', log }),
        CoherenceModule.forVerifier({ databaseUrl: config.MINTMARK_DATABASE_URL, redisUrl: config.MINTMARK_REDIS_URL }),
        PortsModule.forRoot(config.MINTMARK_PEPPERS),
        QuestionsModule,
      ],
    };
  }
}
