import { Inject, Injectable } from '@nestjs/common';
import {
  type CatalogueScope,
  CatalogueStore,
  Enforcement,
  EnforcementUnconfirmedError,
  InvalidRequestError,
  isMintmarkScope,
  isScope,
  type KeyFormat,
  newId,
  type Product,
} from '#libs/key-domain';
import { type Page, pageOf, type PageRequest } from '../paging/page.js';
import { attributionOf, type Principal } from '../principal.js';

const RESERVED = 'Scopes of Mintmark itself are reserved.';

/** What the keys of an account can be given. */
@Injectable()
export class Catalogue {
  constructor(
    @Inject(CatalogueStore) private readonly store: CatalogueStore,
    @Inject(Enforcement) private readonly enforcement: Enforcement,
  ) {}

  async formats(accountId: string, page: PageRequest): Promise<Page<KeyFormat>> {
    return pageOf(await this.store.formats(accountId), ({ name }) => name, page);
  }

  /**
   * Waits until every verifier and guard knows the format, so that none of them takes its first token for malformed.
   * No right rests on that: where it can't be confirmed the format stands all the same.
   * @throws ConflictError when the account has a format of that name
   */
  async addFormat(principal: Principal, format: KeyFormat): Promise<KeyFormat> {
    const change = await this.store.addFormat(principal.accountId, format, attributionOf(principal));
    await this.enforcement.enforce(change).catch((error: unknown) => {
      if (!(error instanceof EnforcementUnconfirmedError)) throw error;
    });
    return format;
  }

  /** Newest first. */
  async products(accountId: string, page: PageRequest): Promise<Page<Product>> {
    const oldestFirst = await this.store.products(accountId);
    return pageOf(oldestFirst.toReversed(), ({ id }) => id, page);
  }

  /**
   * @param product without an id of the customer's own it is given one
   * @throws ConflictError when the account has a product of that id
   */
  addProduct(principal: Principal, { id, name }: { readonly id?: string | undefined; readonly name: string }): Promise<Product> {
    return this.store.addProduct(principal.accountId, { id: id ?? newId('prod'), name }, attributionOf(principal));
  }

  /** By group and name. */
  async scopes(accountId: string, page: PageRequest): Promise<Page<CatalogueScope>> {
    return pageOf(await this.store.scopes(accountId), ({ name }) => name, page);
  }

  /**
   * @throws InvalidRequestError for what is no scope, or is one of Mintmark's own
   * @throws ConflictError when the account has a scope of that name
   */
  async addScope(principal: Principal, scope: CatalogueScope): Promise<CatalogueScope> {
    if (!isScope(scope.name)) throw InvalidRequestError.at('name', 'Not a scope: write resource:action.');
    if (isMintmarkScope(scope.name)) throw InvalidRequestError.at('name', RESERVED);
    await this.store.addScope(principal.accountId, scope, attributionOf(principal));
    return scope;
  }
}
