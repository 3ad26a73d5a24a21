import { DefaultNamingStrategy, type Table } from 'typeorm';

/** Snake case for columns; for constraints and indexes the names that Postgres itself would give them. */
export class PostgresNaming extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string): string {
    return customName || propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }

  override primaryKeyName(table: Table | string): string {
    return `${this.getTableName(table)}_pkey`;
  }

  override uniqueConstraintName(table: Table | string, columns: string[]): string {
    return this.#nameOf(table, columns, 'key');
  }

  override foreignKeyName(table: Table | string, columns: string[]): string {
    return this.#nameOf(table, columns, 'fkey');
  }

  override indexName(table: Table | string, columns: string[]): string {
    return this.#nameOf(table, columns, 'idx');
  }

  #nameOf(table: Table | string, columns: string[], kind: string): string {
    return [this.getTableName(table), ...columns, kind].join('_');
  }
}
