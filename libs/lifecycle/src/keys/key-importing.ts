import { Inject, Injectable } from '@nestjs/common';
import {
  CatalogueStore,
  ConflictError,
  Enforcement,
  type ImportedKey,
  type ImportOutcome,
  InvalidRequestError,
  KeyImportStore,
  MintmarkError,
  newId,
  PepperRing,
} from '#libs/key-domain';
import { attributionOf, type Principal } from '../principal.js';
import { assertMayGrant, assertWithinOwnLimits } from './grantable.js';
import type { IssueRequest } from './issue-request.js';
import { planKey } from './key-plan.js';
import { productFaults } from './known-products.js';
import { onTerms, type Terms } from './terms.js';

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
    const products = lines.map((line) => line.products ?? []);
    const { planned, outcomes, change } = await onTerms(this.catalogue, principal, products, async (terms) => {
      const plans = lines.map((line) => this.#plan(principal, line, terms));
      const keys = plans.filter((one): one is ImportedKey => !(one instanceof MintmarkError));
      const by = attributionOf(principal);
      return { planned: plans, ...(await this.store.importKeys(principal.accountId, keys, begins, by, terms.version)) };
    });
    if (change !== null) await this.enforcement.enforce(change);
    let next = 0;
    return planned.map((one) => (one instanceof MintmarkError ? one : resultOf(outcomes[next++])));
  }

  #plan(principal: Principal, line: ImportLine, terms: Terms): ImportedKey | MintmarkError {
    try {
      const plan = planKey(requestOf(line), terms);
      refuseFaults(line, terms);
      assertMayGrant(principal, plan.scopes);
      assertWithinOwnLimits(principal, plan);
      const digests = this.peppers.digests(line.sha256);
      return {
        id: newId('key'),
        accountId: principal.accountId,
        name: line.name,
        format: plan.format.name,
        environment: line.environment === undefined ? plan.environment : line.environment,
        scopes: plan.scopes,
        products: plan.products,
        allowedCidrs: plan.allowedCidrs,
        rateLimits: plan.rateLimits,
        quota: plan.quota,
        expiresAt: plan.expiresAt,
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

/** Any environment will do: the former system's keys are in use. */
function requestOf({ environment: _, ...line }: ImportLine): IssueRequest {
  return line;
}

function refuseFaults({ products = [], createdAt }: ImportLine, { products: known, now }: Terms): void {
  const faults = productFaults(known, products);
  if (createdAt !== undefined && (createdAt > now || createdAt.getTime() < 0))
    faults.push({ path: 'createdAt', message: 'A time in the past, from 1970 on.' });
  if (faults.length > 0) throw new InvalidRequestError(faults);
}

function resultOf(outcome: ImportOutcome | undefined): LineResult {
  if (outcome === undefined) throw new Error('a line without an outcome');
  if (outcome.kind === 'taken') return new ConflictError('A key with this token can not be imported.');
  if (outcome.kind === 'other_line') return new ConflictError('The lineKey was sent before, with another token.');
  return { keyId: outcome.keyId, existing: outcome.kind === 'existing' };
}
