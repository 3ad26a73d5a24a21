import type { Attribution } from '../audit/attribution.js';
import type { KeyFormat } from '../format/key-format.js';
import type { Policy, PolicyChanges } from '../policy/policy.js';
import type { CommittedChange } from './enforcement.js';
import type { Role } from '../people/role.js';

/** Products, and scopes, of an account: each list is read as a whole, and all scopes whenever a key is made. */
export const MAX_PRODUCTS = 1_000;
export const MAX_SCOPES = 1_000;

/** Something that keys can be restricted to; the id is the customer's own. */
export interface Product {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
}

/** A scope that an account offers when keys are minted. */
export interface CatalogueScope {
  readonly name: string;
  readonly group: string;
  readonly description: string;
}

/** All that the making of a key depends on. */
export interface Offer {
  /** Goes up with whatever makes the rules stricter, or takes something out of the catalogue. */
  readonly version: number;
  readonly formats: readonly KeyFormat[];
  /** The names of the scopes in the catalogue. */
  readonly scopes: readonly string[];
  /** Of the products that were asked about, those that the account has. */
  readonly products: ReadonlySet<string>;
  readonly policy: Policy;
  /** The store's clock. */
  readonly now: Date;
}

/**
 * What the keys of an account can be given. Every change is put down in the record of the account, in its transaction.
 * @throws UnavailableError when the store can't be asked
 */
export interface CatalogueStore {
  /**
   * At once, in one statement: every key that is made or changed asks for it.
   * @param productIds the products that are asked about
   * @throws NotFoundError when the account does not exist
   */
  offer(accountId: string, productIds: readonly string[]): Promise<Offer>;
  formats(accountId: string): Promise<readonly KeyFormat[]>;
  /**
   * @returns the change of the account, as it stands in the journal
   * @throws ConflictError when the account has a format of that name, or MAX_FORMATS of them
   */
  addFormat(accountId: string, format: KeyFormat, by: Attribution): Promise<CommittedChange>;
  /**
   * Null: the account has no format of that name.
   * @throws ConflictError when keys have it, or it is the policy's default
   */
  removeFormat(accountId: string, name: string, by: Attribution): Promise<CommittedChange | null>;
  /** Oldest first. */
  products(accountId: string): Promise<readonly Product[]>;
  /** @throws ConflictError when the account has a product of that id, or MAX_PRODUCTS of them */
  addProduct(accountId: string, product: Pick<Product, 'id' | 'name'>, by: Attribution): Promise<Product>;
  /** Null: the account has no product of that id. */
  renameProduct(accountId: string, id: string, name: string, by: Attribution): Promise<Product | null>;
  /**
   * The product as it was. Null: the account has no product of that id.
   * @throws ConflictError while keys that are not revoked list it
   */
  removeProduct(accountId: string, id: string, by: Attribution): Promise<Product | null>;
  /** By group and name. */
  scopes(accountId: string): Promise<readonly CatalogueScope[]>;
  /** @throws ConflictError when the account has a scope of that name, or MAX_SCOPES of them */
  addScope(accountId: string, scope: CatalogueScope, by: Attribution): Promise<void>;
  /**
   * Adds those that the account lacks, all or none.
   * @returns what it added
   * @throws ConflictError when they would be more than MAX_SCOPES
   */
  addMissingScopes(accountId: string, scopes: readonly CatalogueScope[], by: Attribution): Promise<readonly CatalogueScope[]>;
  /** Null: the account has no scope of that name. */
  changeScope(
    accountId: string,
    name: string,
    changes: Partial<Omit<CatalogueScope, 'name'>>,
    by: Attribution,
  ): Promise<CatalogueScope | null>;
  /** Offers it no more; keys that hold it keep it. Null: the account has no scope of that name. */
  removeScope(accountId: string, name: string, by: Attribution): Promise<CatalogueScope | null>;
  /** The roles that these people have in the account; whoever is no member of it is absent. */
  rolesOf(accountId: string, personIds: readonly string[]): Promise<ReadonlyMap<string, Role>>;
  policy(accountId: string): Promise<Policy>;
  /**
   * @returns the policy as it is since
   * @throws NotFoundError when the account has no format of the default's name
   */
  setPolicy(accountId: string, changes: PolicyChanges, by: Attribution): Promise<Policy>;
}

export const CatalogueStore = Symbol('CatalogueStore');
