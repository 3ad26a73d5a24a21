import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth } from '@nestjs/swagger';
import { Cost, RequireScopes } from '#libs/api-key-auth';
import { errorResponse } from '../openapi/answers.decorator.js';
import { type Permission, PERMISSIONS } from './authorization.js';

/** Whom a route is for. A route that says nothing is for nobody. */
export type Access =
  | { readonly kind: 'public' }
  /** The person of a session. */
  | { readonly kind: 'person' }
  /** A presented key, whatever its scopes. `evenRevoked`: also one that is refused because it is revoked, or asks too often. */
  | { readonly kind: 'key'; readonly evenRevoked: boolean }
  /** A person who may act across accounts. */
  | { readonly kind: 'operator' }
  | { readonly kind: 'permission'; readonly permission: Permission };

export const ACCESS = 'mintmark:access';

/** The names of the two ways to prove oneself in the OpenAPI document. */
export const SESSION_SCHEME = 'session';
export const KEY_SCHEME = 'managementKey';

/** What a management key with limits is answered once they are spent. */
const SPENT = [402, 429];

const access = (value: Access): ClassDecorator & MethodDecorator => SetMetadata(ACCESS, value);

/** Opens a route to everybody. */
export function Public(): ClassDecorator & MethodDecorator {
  return access({ kind: 'public' });
}

/** For people who signed in, in any role. */
export function ForPerson(): ClassDecorator & MethodDecorator {
  return applyDecorators(access({ kind: 'person' }), ApiCookieAuth(SESSION_SCHEME));
}

/** For any valid key, about itself: one that is used up too, and it takes nothing from its limits. */
export function ForPresentedKey(): ClassDecorator & MethodDecorator {
  return applyDecorators(access({ kind: 'key', evenRevoked: false }), Cost(0), ApiBearerAuth(KEY_SCHEME));
}

/**
 * For any key that is valid, revoked or beyond its rate limits, about itself: only where that takes nothing from, and gives nothing
 * to, whoever presents it.
 */
export function ForPresentedKeyEvenRevoked(): ClassDecorator & MethodDecorator {
  return applyDecorators(access({ kind: 'key', evenRevoked: true }), Cost(0), ApiBearerAuth(KEY_SCHEME));
}

/** For people who may act across accounts, whatever they are in their own. */
export function ForOperator(): ClassDecorator & MethodDecorator {
  return applyDecorators(access({ kind: 'operator' }), ApiCookieAuth(SESSION_SCHEME));
}

/** For people and management keys that hold a permission. */
export function Requires(permission: Permission): ClassDecorator & MethodDecorator {
  return applyDecorators(
    access({ kind: 'permission', permission }),
    RequireScopes(PERMISSIONS[permission].scope),
    ApiCookieAuth(SESSION_SCHEME),
    ApiBearerAuth(KEY_SCHEME),
    ...SPENT.map(errorResponse),
  );
}
