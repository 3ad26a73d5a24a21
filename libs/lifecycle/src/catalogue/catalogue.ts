import { Inject, Injectable } from '@nestjs/common';
import {
  type CatalogueScope,
  CatalogueStore,
  type Enforced,
  Enforcement,
  EnforcementUnconfirmedError,
  InvalidRequestError,
  isMintmarkScope,
  isScope,
  type KeyFormat,
  newId,
  NotFoundError,
  type Product,
} from '#libs/key-domain';
import { type Page, pageOf, type PageRequest } from '../paging/page.js';
import { attributionOf, type Principal } from '../principal.js';
import { SCOPE_TEMPLATES, type TemplateName } from '../setup/starting-scopes.js';

const RESERVED = 'Scopes of Mintmark itself are reserved.';

const NO_FORMAT = 'There is no such key format.';
const NO_PRODUCT = 'There is no such product.';
const NO_SCOPE = 'There is no such scope.';

/** A format as it was, and how its end came into force. */
export interface RemovedFormat {
  readonly format: KeyFormat;
  readonly enforced: Enforced;
}

/** What is asked to be different about a scope; what is absent stays. */
export interface ScopeChanges {
  readonly group?: string | undefined;
  readonly description?: string | undefined;
}

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

  /** @throws NotFoundError where the account has no such format */
  async format(accountId: string, name: string): Promise<KeyFormat> {
    return (await this.store.formats(accountId)).find((format) => format.name === name) ?? notFound(NO_FORMAT);
  }

  /**
   * @throws NotFoundError where the account has no such format
   * @throws ConflictError when keys have it, or it is the policy's default
   * @throws EnforcementUnconfirmedError
   */
  async removeFormat(principal: Principal, name: string): Promise<RemovedFormat> {
    const { accountId } = principal;
    const format = await this.format(accountId, name);
    const change = await this.store.removeFormat(accountId, name, attributionOf(principal));
    return { format, enforced: await this.enforcement.enforce(change ?? notFound(NO_FORMAT)) };
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

  /** @throws NotFoundError where the account has no such product */
  async renameProduct(principal: Principal, id: string, name: string): Promise<Product> {
    return (await this.store.renameProduct(principal.accountId, id, name, attributionOf(principal))) ?? notFound(NO_PRODUCT);
  }

  /**
   * @throws NotFoundError where the account has no such product
   * @throws ConflictError while keys that are not revoked list it
   */
  async removeProduct(principal: Principal, id: string): Promise<Product> {
    return (await this.store.removeProduct(principal.accountId, id, attributionOf(principal))) ?? notFound(NO_PRODUCT);
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

  /** Adds what the account lacks of a template; what it has stays as it is. @returns what was added */
  applyTemplate(principal: Principal, template: TemplateName): Promise<readonly CatalogueScope[]> {
    return this.store.addMissingScopes(principal.accountId, SCOPE_TEMPLATES[template], attributionOf(principal));
  }

  /** @throws NotFoundError where the account has no such scope */
  async changeScope(principal: Principal, name: string, changes: ScopeChanges): Promise<CatalogueScope> {
    const { group, description } = changes;
    const present = { ...(group !== undefined && { group }), ...(description !== undefined && { description }) };
    return (await this.store.changeScope(principal.accountId, name, present, attributionOf(principal))) ?? notFound(NO_SCOPE);
  }

  /**
   * Offers it no more; keys that hold it keep it.
   * @throws NotFoundError where the account has no such scope
   */
  async removeScope(principal: Principal, name: string): Promise<CatalogueScope> {
    return (await this.store.removeScope(principal.accountId, name, attributionOf(principal))) ?? notFound(NO_SCOPE);
  }
}

function notFound(message: string): never {
  throw new NotFoundError(message);
}
