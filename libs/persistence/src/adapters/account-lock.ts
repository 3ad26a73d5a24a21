import type { EntityManager } from 'typeorm';

/** Makes the changes of an account's own rows wait for each other, until the transaction ends; its keys come and go meanwhile. */
export async function lockAccount(manager: EntityManager, accountId: string): Promise<void> {
  await manager.query('SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
}
