import type { Logger } from 'typeorm';

/** Keeps what the ORM has to say out of every output: it quotes statements and values. Whatever fails is thrown as well. */
export const QUIET_ORM: Logger = {
  logQuery: quiet,
  logQueryError: quiet,
  logQuerySlow: quiet,
  logSchemaBuild: quiet,
  logMigration: quiet,
  log: quiet,
};

function quiet(): void {
  return;
}
