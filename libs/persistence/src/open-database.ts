import type { DataSource } from 'typeorm';
import { connect } from './connection/connect.js';
import { servingOptions } from './connection/data-source-options.js';
import type { DatabaseOptions } from './connection/options.js';
import { migrate } from './schema/migrate.js';
import { refuseOtherSchema, waitForSchema } from './schema/wait-for-schema.js';

/** What is done about a schema that is not up to date: it is brought up to date, waited for, or refused as it is. */
export type SchemaTreatment = 'run' | 'wait' | 'refuse';

/**
 * Opens a database whose schema is up to date.
 * @throws StartError when that can't be had
 */
export async function openDatabase(options: DatabaseOptions & { readonly migrate: SchemaTreatment }): Promise<DataSource> {
  if (options.migrate === 'run') await migrate(options);
  const dataSource = await connect(servingOptions(options), options);
  if (options.migrate === 'wait') await waitForSchema(dataSource, options.log);
  if (options.migrate === 'refuse') await refuseOtherSchema(dataSource);
  return dataSource;
}
