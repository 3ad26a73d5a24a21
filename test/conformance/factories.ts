import {
  type Attribution,
  type FirstAccount,
  newId,
  type NewKey,
  type NewWebhook,
  type PepperedDigest,
  STARTING_FORMATS,
  WEBHOOK_EVENTS,
} from '#libs/key-domain';
import { randomBytes } from 'node:crypto';

export const HOUR_MS = 3_600_000;

/** Somebody who changes something. */
export const BY: Attribution = {
  actor: { type: 'person', id: 'usr_1' },
  address: '192.0.2.7',
  userAgent: 'conformance',
  requestId: 'request-1',
};

/** Refuses nothing, whoever it is. */
export const anybody = (): void => undefined;

/** A digest that nothing else has. */
export function aDigest(pepperId = 'p1'): PepperedDigest {
  return { pepperId, digest: randomBytes(32) };
}

export function anEmail(): string {
  return `${randomBytes(6).toString('hex')}@example.com`;
}

/** A key of an account, with what a test says of it. */
export function aKey(accountId: string, given: Partial<NewKey> = {}): NewKey {
  return {
    id: newId('key'),
    accountId,
    name: 'a key',
    environment: 'live',
    scopes: [],
    products: [],
    format: 'default',
    ownerId: null,
    metadata: {},
    allowedCidrs: [],
    rateLimits: [],
    quota: null,
    enabled: true,
    expiresAt: null,
    secret: aSecret(),
    ...given,
  };
}

export function aSecret(digest = aDigest()): NewKey['secret'] {
  return { id: newId('sec'), lastFour: 'abcd', digest };
}

/** A webhook of an account, for everything unless a test says otherwise. */
export function aWebhook(accountId: string, given: Partial<NewWebhook> = {}): NewWebhook {
  return {
    id: newId('whk'),
    accountId,
    url: 'https://example.com/hook',
    events: WEBHOOK_EVENTS,
    description: null,
    secret: { sealed: randomBytes(60), pepperId: 'p1' },
    ...given,
  };
}

/** What an installation is set up with. */
export function aFirstAccount(given: Partial<FirstAccount> = {}): FirstAccount {
  const accountId = newId('acc');
  return {
    accountId,
    accountName: 'Acme',
    personId: newId('usr'),
    email: anEmail(),
    passwordHash: '$argon2id$not-a-real-hash',
    defaultFormat: 'default',
    formats: STARTING_FORMATS,
    scopes: [{ name: 'garments:read', group: 'Garments', description: 'Read garments.' }],
    serviceKey: aKey(accountId, { scopes: ['mintmark:tokens:verify'] }),
    ...given,
  };
}
