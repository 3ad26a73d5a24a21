import { Inject, Injectable } from '@nestjs/common';
import {
  type AllowedScopes,
  CatalogueStore,
  GRANTORS,
  type InputFault,
  InvalidRequestError,
  isScope,
  NotFoundError,
  type Policy,
  type PolicyChanges,
} from '#libs/key-domain';
import { attributionOf, type Principal } from '../principal.js';

/** What is asked to be different about a policy; what is absent stays, for each grantor too. */
export type PolicyRequest = { readonly [Rule in keyof Omit<Policy, 'allowedScopesByRole'>]?: Policy[Rule] | undefined } & {
  readonly allowedScopesByRole?: { readonly [Grantor in keyof AllowedScopes]?: AllowedScopes[Grantor] | undefined } | undefined;
};

/** The rules of an account. They bind whoever issues and changes keys; those that are there go on as they are. */
@Injectable()
export class AccountPolicy {
  constructor(@Inject(CatalogueStore) private readonly store: CatalogueStore) {}

  show(accountId: string): Promise<Policy> {
    return this.store.policy(accountId);
  }

  /** @throws InvalidRequestError for a format that the account does not have, and for what is no pattern of scopes */
  async change(principal: Principal, request: PolicyRequest): Promise<Policy> {
    refuseUnreadablePatterns(request);
    try {
      return await this.store.setPolicy(principal.accountId, changesOf(request), attributionOf(principal));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      throw InvalidRequestError.at('defaultFormat', 'The account has no key format of that name.');
    }
  }
}

function refuseUnreadablePatterns({ allowedScopesByRole = {} }: PolicyRequest): void {
  const faults: InputFault[] = GRANTORS.flatMap((grantor) =>
    (allowedScopesByRole[grantor] ?? []).flatMap((pattern, index) =>
      isScope(pattern) ? [] : [{ path: `allowedScopesByRole.${grantor}.${index}`, message: NO_PATTERN }],
    ),
  );
  if (faults.length > 0) throw new InvalidRequestError(faults);
}

function changesOf({ allowedScopesByRole, ...rules }: PolicyRequest): PolicyChanges {
  return { ...present(rules), ...(allowedScopesByRole !== undefined && { allowedScopesByRole: present(allowedScopesByRole) }) };
}

type Present<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

function present<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>;
}

const NO_PATTERN = 'Not a pattern of scopes: write resource:action, resource:* or *.';
