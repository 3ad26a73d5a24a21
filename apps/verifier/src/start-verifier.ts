import type { NestExpressApplication } from '@nestjs/platform-express';
import type { VerifierConfig } from '#libs/config';
import { ChangeFollower, checkPeppers, InstallationStore, PepperMismatchError, PepperRing } from '#libs/key-domain';
import { createLog, HealthChecks, type RunningApp, StartError } from '#libs/observability';
import { DatabaseHealth } from '#libs/persistence';
import { serve } from './start/serve.js';
import { VerifierModule } from './verifier.module.js';

/**
 * Starts the verifier: waits for the schema, checks the peppers, and listens.
 * @throws StartError with what stands in the way
 */
export async function startVerifier(config: VerifierConfig): Promise<RunningApp> {
  const log = createLog('verifier');
  return serve(VerifierModule.forRoot(config, log), config, log, prepare);
}

async function prepare(app: NestExpressApplication): Promise<void> {
  await checkPeppers(app.get<InstallationStore>(InstallationStore), app.get(PepperRing)).catch((error: unknown) => {
    throw error instanceof PepperMismatchError ? new StartError(error.message) : error;
  });
  const database = app.get(DatabaseHealth);
  const changes = app.get<ChangeFollower>(ChangeFollower);
  // What is remembered goes on being answered, for as long as the log of changes can be followed.
  const isEssential = () => !changes.mayAnswerFromMemory();
  app.get(HealthChecks).add('postgres', () => database.ping(), { isEssential });
}
