import { type Role, ROLES } from '../people/role.js';

/** In what capacity somebody puts scopes on keys: a person's role, or as a management key. */
export const GRANTORS = [...ROLES, 'managementKey'] as const satisfies readonly (Role | 'managementKey')[];
export type Grantor = (typeof GRANTORS)[number];

/** Per grantor the patterns (`garments:read`, `garments:*`, `*`) of what they may grant; null: any scope. */
export type AllowedScopes = Readonly<Record<Grantor, readonly string[] | null>>;

/** An account's rules for the keys that are issued and changed in it. Keys that are there already go on under any of them. */
export interface Policy {
  /** The name of the format of keys whose creation names none. */
  readonly defaultFormat: string;
  /** The longest that a key may live, in days of 24 hours from its creation; null: as long as anybody likes. */
  readonly maxLifetimeDays: number | null;
  /** Whether every key must have an end. */
  readonly expiryRequired: boolean;
  /** Whether every key must be restricted to addresses. */
  readonly cidrRequired: boolean;
  /** After how many days a secret is due for rotation; null: never. It is shown, and ends nothing. */
  readonly rotationDays: number | null;
  readonly allowedScopesByRole: AllowedScopes;
}

/** What is to be different about a policy; what is absent stays, for each grantor too. */
export type PolicyChanges = Partial<Omit<Policy, 'allowedScopesByRole'>> & {
  readonly allowedScopesByRole?: Partial<AllowedScopes>;
};

export const ANY_SCOPES: AllowedScopes = { owner: null, admin: null, developer: null, viewer: null, managementKey: null };
