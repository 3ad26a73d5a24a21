import {
  ANY_SCOPES,
  type Attribution,
  type CatalogueScope,
  type CatalogueStore,
  changeOf,
  type CommittedChange,
  ConflictError,
  type KeyFormat,
  NotFoundError,
  type Offer,
  type Policy,
  type PolicyChanges,
  type Product,
  type Role,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { Database } from '../connection/database.js';
import { onViolation } from '../connection/store-error.js';
import { putDown } from './audit-trail.js';
import { addMissingScopes, changeScope, removeFormat, removeProduct, removeScope, renameProduct } from './catalogue-changes.js';
import { assertRoom, FORMATS, PRODUCTS, SCOPES } from './catalogue-room.js';
import { noteChange } from './change-journal.js';
import { changeOffer } from './offer-version.js';
import { AccountEntity } from '../schema/entities/account.entity.js';
import { KeyFormatEntity } from '../schema/entities/key-format.entity.js';
import { MembershipEntity } from '../schema/entities/membership.entity.js';
import { ProductEntity } from '../schema/entities/product.entity.js';
import { ScopeEntity } from '../schema/entities/scope.entity.js';

const READ_OFFER = {
  name: 'read_offer',
  text: `
  SELECT clock_timestamp() AS now, a.offer_version AS version, a.default_format AS "defaultFormat", a.max_lifetime_days AS "maxLifetimeDays",
    a.expiry_required AS "expiryRequired", a.cidr_required AS "cidrRequired", a.rotation_days AS "rotationDays",
    a.allowed_scopes_by_role AS "allowedScopesByRole",
    (
      SELECT coalesce(json_agg(json_build_object(
        'name', f.name, 'prefix', f.prefix, 'environments', f.environments, 'encoding', f.encoding
      ) ORDER BY f.name), '[]') FROM key_formats f WHERE f.account_id = a.id
    ) AS formats,
    ARRAY(SELECT s.name FROM scopes s WHERE s.account_id = a.id) AS scopes,
    ARRAY(SELECT p.id FROM products p WHERE p.account_id = a.id AND p.id = ANY ($2::text[])) AS products
  FROM accounts a WHERE a.id = $1`,
};

type StoredPolicy = Pick<AccountEntity, keyof Policy>;

interface OfferRow extends StoredPolicy, Pick<Offer, 'version' | 'formats' | 'scopes' | 'now'> {
  readonly products: readonly string[];
}

const noSuchAccount = () => new NotFoundError('There is no such account.');

@Injectable()
export class PostgresCatalogueStore implements CatalogueStore {
  constructor(private readonly database: Database) {}

  async offer(accountId: string, productIds: readonly string[]): Promise<Offer> {
    const [row] = await this.database.prepared<OfferRow>(READ_OFFER, [accountId, productIds]);
    if (row === undefined) throw noSuchAccount();
    const { version, formats, scopes, products, now } = row;
    return { version, formats, scopes, products: new Set(products), policy: toPolicy(row), now };
  }

  formats(accountId: string): Promise<readonly KeyFormat[]> {
    return this.database.run((manager) => formatsOf(manager, accountId));
  }

  addFormat(accountId: string, format: KeyFormat, by: Attribution): Promise<CommittedChange> {
    return this.database
      .transaction(async (manager) => {
        await manager.insert(KeyFormatEntity, { accountId, ...format, environments: [...format.environments] });
        await assertRoom(manager, accountId, FORMATS);
        const target = { type: 'format', id: format.name } as const;
        await putDown(manager, { accountId, action: 'format.created', target, before: null, after: { ...format } }, by);
        return noteChange(manager, { kind: 'account', accountId });
      })
      .catch(
        onViolation({
          key_formats_pkey: () => new ConflictError('The account has a key format of that name.'),
          key_formats_account_id_fkey: noSuchAccount,
        }),
      );
  }

  removeFormat(accountId: string, name: string, by: Attribution): Promise<CommittedChange | null> {
    const inUse = () => new ConflictError('Keys have the format, and keep it: delete them first.');
    return this.database
      .transaction((manager) => removeFormat({ manager, accountId, by }, name))
      .catch(onViolation({ keys_account_id_format_fkey: inUse }));
  }

  products(accountId: string): Promise<readonly Product[]> {
    return this.database.run(async (manager) => {
      const found = await manager.find(ProductEntity, { where: { accountId }, order: { createdAt: 'ASC', id: 'ASC' } });
      return found.map(toProduct);
    });
  }

  addProduct(accountId: string, { id, name }: Pick<Product, 'id' | 'name'>, by: Attribution): Promise<Product> {
    return this.database
      .transaction(async (manager) => {
        await manager.insert(ProductEntity, { accountId, id, name });
        await assertRoom(manager, accountId, PRODUCTS);
        const product = toProduct(await manager.findOneByOrFail(ProductEntity, { accountId, id }));
        const target = { type: 'product', id } as const;
        await putDown(manager, { accountId, action: 'product.created', target, before: null, after: { name } }, by);
        return product;
      })
      .catch(
        onViolation({
          products_pkey: () => new ConflictError('The account has a product of that id.'),
          products_account_id_fkey: noSuchAccount,
        }),
      );
  }

  renameProduct(accountId: string, id: string, name: string, by: Attribution): Promise<Product | null> {
    return this.database.transaction((manager) => renameProduct({ manager, accountId, by }, id, name));
  }

  removeProduct(accountId: string, id: string, by: Attribution): Promise<Product | null> {
    return this.database.transaction((manager) => removeProduct({ manager, accountId, by }, id));
  }

  scopes(accountId: string): Promise<readonly CatalogueScope[]> {
    return this.database.run(async (manager) => {
      const found = await manager.find(ScopeEntity, { where: { accountId }, order: { groupName: 'ASC', name: 'ASC' } });
      return found.map(({ name, groupName, description }) => ({ name, group: groupName, description }));
    });
  }

  async addScope(accountId: string, { name, group, description }: CatalogueScope, by: Attribution): Promise<void> {
    await this.database
      .transaction(async (manager) => {
        await manager.insert(ScopeEntity, { accountId, name, groupName: group, description });
        await assertRoom(manager, accountId, SCOPES);
        const target = { type: 'scope', id: name } as const;
        await putDown(manager, { accountId, action: 'scope.created', target, before: null, after: { group, description } }, by);
      })
      .catch(
        onViolation({
          scopes_pkey: () => new ConflictError('The account has a scope of that name.'),
          scopes_account_id_fkey: noSuchAccount,
        }),
      );
  }

  addMissingScopes(accountId: string, scopes: readonly CatalogueScope[], by: Attribution): Promise<readonly CatalogueScope[]> {
    return this.database
      .transaction((manager) => addMissingScopes({ manager, accountId, by }, scopes))
      .catch(onViolation({ scopes_account_id_fkey: noSuchAccount }));
  }

  changeScope(
    accountId: string,
    name: string,
    changes: Partial<Omit<CatalogueScope, 'name'>>,
    by: Attribution,
  ): Promise<CatalogueScope | null> {
    return this.database.transaction((manager) => changeScope({ manager, accountId, by }, name, changes));
  }

  removeScope(accountId: string, name: string, by: Attribution): Promise<CatalogueScope | null> {
    return this.database.transaction((manager) => removeScope({ manager, accountId, by }, name));
  }

  rolesOf(accountId: string, personIds: readonly string[]): Promise<ReadonlyMap<string, Role>> {
    return this.database.run(async (manager) => {
      const found = await manager.findBy(MembershipEntity, { accountId, personId: In([...personIds]) });
      return new Map(found.map(({ personId, role }) => [personId, role]));
    });
  }

  policy(accountId: string): Promise<Policy> {
    return this.database.run((manager) => policyOf(manager, accountId));
  }

  setPolicy(accountId: string, changes: PolicyChanges, by: Attribution): Promise<Policy> {
    const noSuchFormat = () => new NotFoundError('The account has no key format of that name.');
    return this.database
      .transaction(async (manager) => {
        const lock = { mode: 'for_no_key_update' } as const;
        const account = await manager.findOne(AccountEntity, { where: { id: accountId }, lock });
        if (account === null) throw noSuchAccount();
        const former = toPolicy(account);
        const allowedScopesByRole = { ...former.allowedScopesByRole, ...changes.allowedScopesByRole };
        const policy = { ...former, ...changes, allowedScopesByRole };
        await manager.update(AccountEntity, { id: accountId }, policy);
        await changeOffer(manager, accountId);
        const target = { type: 'policy', id: accountId } as const;
        await putDown(manager, { accountId, action: 'policy.changed', target, ...changeOf({ ...former }, policy) }, by);
        return policy;
      })
      .catch(onViolation({ accounts_id_default_format_fkey: noSuchFormat }));
  }
}

function toPolicy(account: StoredPolicy): Policy {
  const { defaultFormat, maxLifetimeDays, expiryRequired, cidrRequired, rotationDays } = account;
  const allowedScopesByRole = { ...ANY_SCOPES, ...account.allowedScopesByRole };
  return { defaultFormat, maxLifetimeDays, expiryRequired, cidrRequired, rotationDays, allowedScopesByRole };
}

async function formatsOf(manager: EntityManager, accountId: string): Promise<readonly KeyFormat[]> {
  const found = await manager.find(KeyFormatEntity, { where: { accountId }, order: { name: 'ASC' } });
  return found.map(({ name, prefix, environments, encoding }) => ({ name, prefix, environments, encoding }));
}

async function policyOf(manager: EntityManager, accountId: string): Promise<Policy> {
  const account = await manager.findOneBy(AccountEntity, { id: accountId });
  if (account === null) throw noSuchAccount();
  return toPolicy(account);
}

function toProduct({ id, name, createdAt }: ProductEntity): Product {
  return { id, name, createdAt };
}
