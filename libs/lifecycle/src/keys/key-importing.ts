import { Inject, Injectable } from '@nestjs/common';
import {
  CatalogueStore,
  ConflictError,
  Enforcement,
  type ImportedKey,
  type ImportOutcome,
  type InputFault,
  InvalidRequestError,
  KeyImportStore,
  KeyStore,
  MintmarkError,
  newId,
  PepperRing,
} from '#libs/key-domain';
import { attributionOf, type Principal } from '../principal.js';
import { assertMayGrant } from './grantable.js';
import type { IssueRequest } from './issue-request.js';
import { planKey } from './key-plan.js';
import { type Terms, termsFor } from './terms.js';

/** A key of a former system, as a line of an import asks for it. */
export interface ImportLine extends Omit<IssueRequest, 'environment'> {
  /** Of the token. */
  readonly sha256: Uint8Array;
  /** The end of the token; null: only its digest is known. */
  readonly lastFour: string | null;
  /** Any text, or null for a key of no environment; absent: the first of its format. */
  readonly environment?: string | null | undefined;
  readonly lineKey?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly createdAt?: Date | undefined;
}

/** What became of a line: the key it stands for, or why there is none. */
export type LineResult = { readonly keyId: string; readonly existing: boolean } | MintmarkError;

/** Takes in keys of former systems. */
@Injectable()
export class KeyImporting {
  constructor(
    @Inject(KeyStore) private readonly keys: KeyStore,
    @Inject(KeyImportStore) private readonly store: KeyImportStore,
    @Inject(CatalogueStore) private readonly catalogue: CatalogueStore,
    @Inject(Enforcement) private readonly enforcement: Enforcement,
    private readonly peppers: PepperRing,
  ) {}

  /**
   * Imports some lines: when it returns, those that have a key are committed, and every verifier knows them.
   * @param begins whether they are the first lines of an import
   * @returns in the order of the lines
   * @throws EnforcementUnconfirmedError, UnavailableError: the lines may be sent again
   */
  async import(principal: Principal, lines: readonly ImportLine[], begins: boolean): Promise<readonly LineResult[]> {
    const { accountId } = principal;
    const [terms, now] = await Promise.all([termsFor(this.catalogue, principal), this.keys.now()]);
    const products = await this.#knownProducts(accountId, lines);
    const planned = lines.map((line) => this.#plan(principal, line, terms, products, now));
    const keys = planned.filter((one): one is ImportedKey => !(one instanceof MintmarkError));
    const { outcomes, change } = await this.store.importKeys(accountId, keys, begins, attributionOf(principal));
    if (change !== null) await this.enforcement.enforce(change);
    let next = 0;
    return planned.map((one) => (one instanceof MintmarkError ? one : resultOf(outcomes[next++])));
  }

  async #knownProducts(accountId: string, lines: readonly ImportLine[]): Promise<ReadonlySet<string>> {
    const named = new Set(lines.flatMap(({ products }) => (products === undefined || products === 'all' ? [] : products)));
    return named.size === 0 ? named : this.catalogue.knownProducts(accountId, [...named]);
  }

  #plan(
    principal: Principal,
    line: ImportLine,
    terms: Terms,
    known: ReadonlySet<string>,
    now: Date,
  ): ImportedKey | MintmarkError {
    try {
      const { environment, format, ...plan } = planKey({ ...line, environment: undefined }, terms, now);
      refuseFaults(line, known, now);
      assertMayGrant(principal, plan.scopes);
      const digests = this.peppers.digests(line.sha256);
      return {
        ...plan,
        id: newId('key'),
        accountId: principal.accountId,
        name: line.name,
        format: format.name,
        environment: line.environment === undefined ? environment : line.environment,
        ownerId: line.ownerId ?? null,
        metadata: line.metadata ?? {},
        enabled: line.enabled ?? true,
        createdAt: line.createdAt ?? null,
        lineKey: line.lineKey ?? null,
        digests,
        secret: { id: newId('sec'), lastFour: line.lastFour, digest: digests[0] ?? this.peppers.digest(line.sha256) },
      };
    } catch (error) {
      if (error instanceof MintmarkError) return error;
      throw error;
    }
  }
}

function refuseFaults({ products = [], createdAt }: ImportLine, known: ReadonlySet<string>, now: Date): void {
  const faults: InputFault[] = [];
  for (const [index, id] of (products === 'all' ? [] : products).entries()) {
    if (!known.has(id)) faults.push({ path: `products.${index}`, message: 'The account has no product of that id.' });
  }
  if (createdAt !== undefined && createdAt > now) faults.push({ path: 'createdAt', message: 'A time in the past.' });
  if (faults.length > 0) throw new InvalidRequestError(faults);
}

function resultOf(outcome: ImportOutcome | undefined): LineResult {
  if (outcome === undefined) throw new Error('a line without an outcome');
  if (outcome.kind === 'taken') return new ConflictError('A key with this token can not be imported.');
  if (outcome.kind === 'other_line') return new ConflictError('The lineKey was sent before, with another token.');
  return { keyId: outcome.keyId, existing: outcome.kind === 'existing' };
}
