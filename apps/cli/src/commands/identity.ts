import { type AdminApi, answerOf, type Schemas } from '../client/admin-api.js';
import type { Credential } from '../credentials/credential.js';

/** Who is asking: a person in a session, or a management key. */
export type Identity = { readonly person: Schemas['Membership'] } | { readonly key: Schemas['PresentedKey'] };

export async function identityOf(api: AdminApi, credential: Credential): Promise<Identity> {
  return credential.kind === 'session'
    ? { person: await answerOf(api.GET('/api/v1/auth/session')) }
    : { key: await answerOf(api.GET('/api/v1/keys/self')) };
}

export function identityFields(identity: Identity): (readonly [string, string])[] {
  if ('key' in identity) {
    const { id, name, scopes } = identity.key;
    return [
      ['management key', `${name} (${id})`],
      ['scopes', scopes.join(' ')],
    ];
  }
  const { user, account, role } = identity.person;
  return [
    ['person', user.email],
    ['account', `${account.name} (${account.id})`],
    ['role', role],
  ];
}
