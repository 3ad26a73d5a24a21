import { type FirstAccount, newId, type NewKey, type PepperRing, STARTING_FORMATS } from '#libs/key-domain';
import { type MintedSecret, mintSecret } from '../keys/mint-secret.js';
import { STARTING_SCOPES } from './starting-scopes.js';

/** The first owner, with a password that is hashed already. */
export interface FirstOwner {
  readonly accountName: string;
  readonly email: string;
  readonly passwordHash: string;
}

const [DEFAULT_FORMAT] = STARTING_FORMATS;

/** The account that an installation begins with, and the token of its service key. */
export function planFirstAccount(owner: FirstOwner, peppers: PepperRing): { first: FirstAccount; serviceToken: string } {
  if (DEFAULT_FORMAT === undefined) throw new Error('there is no key format to start with');
  const accountId = newId('acc');
  const environment = DEFAULT_FORMAT.environments[0] ?? null;
  const { token, secret } = mintSecret(DEFAULT_FORMAT, environment, peppers);
  const first = {
    ...owner,
    accountId,
    personId: newId('usr'),
    defaultFormat: DEFAULT_FORMAT.name,
    formats: STARTING_FORMATS,
    scopes: STARTING_SCOPES,
    serviceKey: serviceKey(accountId, environment, secret),
  };
  return { first, serviceToken: token };
}

function serviceKey(accountId: string, environment: string | null, secret: MintedSecret['secret']): NewKey {
  return {
    id: newId('key'),
    accountId,
    name: 'Service key',
    environment,
    scopes: ['mintmark:tokens:verify'],
    products: [],
    format: 'default',
    ownerId: null,
    metadata: {},
    allowedCidrs: [],
    rateLimits: [],
    quota: null,
    enabled: true,
    expiresAt: null,
    secret,
  };
}
