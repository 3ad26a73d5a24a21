import {
  type Attribution,
  ConflictError,
  type FirstAccount,
  type InstallationStore,
  lookupHandle,
  type Membership,
  type PepperFaults,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../connection/database.js';
import { InstallationEntity } from '../schema/entities/installation.entity.js';
import { PepperEntity } from '../schema/entities/pepper.entity.js';
import { noteChange } from './change-journal.js';
import { insertFirstAccount } from './first-account.js';
import { pepperIdsInUse } from './pepper-ids-in-use.js';

type Fingerprints = readonly { readonly id: string; readonly fingerprint: Uint8Array }[];

@Injectable()
export class PostgresInstallationStore implements InstallationStore {
  constructor(private readonly database: Database) {}

  async id(): Promise<string> {
    return (await this.database.run(installationOf)).id;
  }

  async isSetUp(): Promise<boolean> {
    return (await this.database.run(installationOf)).setUpAt !== null;
  }

  setUp(first: FirstAccount, by: Attribution, beforeCommit?: () => Promise<void>): Promise<Membership> {
    return this.database.transaction(async (manager) => {
      const installation = await lockInstallation(manager);
      if (installation.setUpAt !== null) throw new ConflictError('Mintmark is set up already.');
      await manager.update(InstallationEntity, { onlyRow: true }, { setUpAt: () => 'clock_timestamp()' });
      const owner = await insertFirstAccount(manager, first, by);
      await beforeCommit?.();
      const { id: keyId, accountId, secret } = first.serviceKey;
      await noteChange(manager, { kind: 'key', accountId, keyId }, [lookupHandle(secret.digest.digest)]);
      return owner;
    });
  }

  reconcilePeppers(peppers: Fingerprints): Promise<PepperFaults> {
    return this.database.transaction(async (manager) => {
      await lockInstallation(manager);
      const seen = await manager.find(PepperEntity);
      const faults = { missing: missingOf(await pepperIdsInUse(manager), peppers), changed: changedOf(seen, peppers) };
      if (faults.missing.length === 0 && faults.changed.length === 0) await note(manager, seen, peppers);
      return faults;
    });
  }
}

function installationOf(manager: EntityManager): Promise<InstallationEntity> {
  return manager.findOneByOrFail(InstallationEntity, { onlyRow: true });
}

/** Whoever holds the row is alone in changing the installation, until its transaction ends. */
function lockInstallation(manager: EntityManager): Promise<InstallationEntity> {
  return manager.findOneOrFail(InstallationEntity, { where: { onlyRow: true }, lock: { mode: 'pessimistic_write' } });
}

function missingOf(used: readonly string[], configured: Fingerprints): readonly string[] {
  const known = new Set(configured.map((pepper) => pepper.id));
  return used.filter((id) => !known.has(id));
}

function changedOf(seen: readonly PepperEntity[], configured: Fingerprints): readonly string[] {
  const fingerprints = new Map(seen.map((pepper) => [pepper.id, pepper.fingerprint]));
  return configured.filter(({ id, fingerprint }) => fingerprints.get(id)?.equals(fingerprint) === false).map(({ id }) => id);
}

/** Only a start without faults is noted: a mistyped pepper must not stand in the way of the right one. */
async function note(manager: EntityManager, seen: readonly PepperEntity[], configured: Fingerprints): Promise<void> {
  const known = new Set(seen.map((pepper) => pepper.id));
  const added = configured.filter(({ id }) => !known.has(id));
  await manager.insert(
    PepperEntity,
    added.map(({ id, fingerprint }) => ({ id, fingerprint: Buffer.from(fingerprint) })),
  );
}
