import { NO_REQUEST, type Role } from '#libs/key-domain';
import type { KeyPrincipal, Principal } from './principal.js';

/** Somebody of an account in a role. */
export function person(role: Role, accountId = 'acc_1'): Principal {
  const named = { accountId, accountName: 'A', accountSuspended: false };
  const membership = { personId: 'usr_1', email: 'a@b.example', operator: false, ...named, role };
  return { kind: 'person', accountId, membership, sessionId: 'ses_1', origin: NO_REQUEST };
}

/** A management key of an account. */
export function managementKey(scopes: readonly string[], accountId = 'acc_1'): KeyPrincipal {
  return {
    kind: 'key',
    accountId,
    keyId: 'key_1',
    secretId: 'sec_1',
    scopes,
    expiresAt: null,
    allowedCidrs: [],
    origin: NO_REQUEST,
  };
}
