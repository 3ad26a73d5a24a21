import type { MintmarkScope } from '#libs/key-domain';
import type { Access } from './access.decorators.js';
import type { Permission } from './authorization.js';

/** What the parameters of a path can name; the test makes one of each kind for every call. */
export type ObjectKind =
  'key' | 'secret' | 'format' | 'product' | 'scope' | 'member' | 'invitation' | 'session' | 'webhook' | 'delivery' | 'account';

/** A route, whom it is for, and what a call of it needs. */
export interface MatrixRow {
  /** Method and path as the controller has them. */
  readonly route: string;
  readonly access: Access;
  /** What the parameters of the path name. Another account's answers as one that does not exist. */
  readonly on?: ObjectKind;
  /**
   * JSON; `$email`, `$password` and `$account` stand for the caller's own, `$fresh` for what is new each time, `$ownerEmail` and
   * `$ownerPassword` for those of the account's owner.
   */
  readonly body?: unknown;
  /** A body that is no JSON. */
  readonly raw?: { readonly type: string; readonly text: string };
  /** With which those are answered who may call it; any that says success if absent. */
  readonly answer?: number;
  /** Whether the call ends the session or the key that it is made with. */
  readonly spends?: true;
  /** Scopes that by themselves open the route, and yet not for this body: whoever grants something must hold it. */
  readonly tooLittle?: readonly MintmarkScope[];
}

const all: Access = { kind: 'public' };
const person: Access = { kind: 'person' };
const operator: Access = { kind: 'operator' };
const itself: Access = { kind: 'key', evenRevoked: false };
const itselfEvenRevoked: Access = { kind: 'key', evenRevoked: true };
const needs = (permission: Permission): Access => ({ kind: 'permission', permission });

const LONG = 'a long password';

/**
 * Every route and whom it is for. A unit test holds it against the controllers, so that no route is without a row; an e2e test
 * calls each row on a running server as everybody there is, and expects of each what `PERMISSIONS` says.
 */
export const AUTHORIZATION_MATRIX: readonly MatrixRow[] = [
  { route: 'GET /api/v1/keys/self', access: itself },
  { route: 'POST /api/v1/keys/self/revoke', access: itselfEvenRevoked, spends: true },

  { route: 'POST /api/v1/keys', access: needs('keys:write'), body: { name: 'a key' } },
  { route: 'GET /api/v1/keys', access: needs('keys:read') },
  {
    route: 'POST /api/v1/keys/revoke-matching',
    access: needs('keys:write'),
    body: { search: 'nothing of that name', reason: 'unspecified', dryRun: true },
  },
  {
    route: 'POST /api/v1/keys/import',
    access: needs('keys:write'),
    raw: { type: 'application/x-ndjson', text: '{"name":"neither token nor digest"}' },
  },
  { route: 'GET /api/v1/keys/:id', access: needs('keys:read'), on: 'key' },
  { route: 'PATCH /api/v1/keys/:id', access: needs('keys:write'), on: 'key', body: { name: 'another name' } },
  { route: 'POST /api/v1/keys/:id/revoke', access: needs('keys:write'), on: 'key', body: { reason: 'unspecified' } },
  { route: 'DELETE /api/v1/keys/:id', access: needs('keys:write'), on: 'key' },
  { route: 'POST /api/v1/keys/:id/rotate', access: needs('keys:write'), on: 'key', body: { graceSeconds: 60 } },
  { route: 'GET /api/v1/keys/:id/usage', access: needs('keys:read'), on: 'key' },
  { route: 'GET /api/v1/usage', access: needs('keys:read') },
  { route: 'DELETE /api/v1/keys/:id/secrets/:secretId', access: needs('keys:write'), on: 'secret' },

  { route: 'GET /api/v1/key-formats', access: needs('account:read') },
  {
    route: 'POST /api/v1/key-formats',
    access: needs('account:write'),
    body: { name: 'f$fresh', prefix: 'mx', environments: [], encoding: 'base62' },
  },
  { route: 'GET /api/v1/key-formats/:name', access: needs('account:read'), on: 'format' },
  { route: 'DELETE /api/v1/key-formats/:name', access: needs('account:write'), on: 'format' },
  { route: 'GET /api/v1/policy', access: needs('account:read') },
  { route: 'GET /api/v1/policy/violations', access: needs('keys:read') },
  { route: 'PATCH /api/v1/policy', access: needs('account:write'), body: { defaultFormat: 'default' } },
  { route: 'GET /api/v1/products', access: needs('account:read') },
  { route: 'POST /api/v1/products', access: needs('account:write'), body: { name: 'a product' } },
  { route: 'PATCH /api/v1/products/:id', access: needs('account:write'), on: 'product', body: { name: 'another name' } },
  { route: 'DELETE /api/v1/products/:id', access: needs('account:write'), on: 'product' },
  { route: 'GET /api/v1/scopes', access: needs('account:read') },
  { route: 'POST /api/v1/scopes', access: needs('account:write'), body: { name: 'things$fresh:read' } },
  { route: 'POST /api/v1/scopes/apply-template', access: needs('account:write'), body: { template: 'keymint' } },
  { route: 'PATCH /api/v1/scopes/:name', access: needs('account:write'), on: 'scope', body: { group: 'Others' } },
  { route: 'DELETE /api/v1/scopes/:name', access: needs('account:write'), on: 'scope' },
  { route: 'GET /api/v1/scope-templates', access: needs('account:read') },

  { route: 'GET /api/v1/audit', access: needs('audit:read') },
  { route: 'GET /api/v1/audit/export', access: needs('audit:read') },
  { route: 'POST /api/v1/audit/verify', access: needs('audit:read'), body: {} },

  { route: 'GET /api/v1/members', access: needs('account:read') },
  {
    route: 'PATCH /api/v1/members/:personId',
    access: needs('account:write'),
    on: 'member',
    body: { role: 'viewer' },
    tooLittle: ['mintmark:account:write'],
  },
  {
    route: 'DELETE /api/v1/members/:personId',
    access: needs('account:write'),
    on: 'member',
    tooLittle: ['mintmark:account:write'],
  },
  { route: 'GET /api/v1/members/invitations', access: needs('account:read') },
  {
    route: 'POST /api/v1/members/invitations',
    access: needs('account:write'),
    body: { email: 'matrix$fresh@example.com', role: 'viewer' },
    tooLittle: ['mintmark:account:write'],
  },
  {
    route: 'DELETE /api/v1/members/invitations/:invitationId',
    access: needs('account:write'),
    on: 'invitation',
    tooLittle: ['mintmark:account:write'],
  },

  { route: 'GET /api/v1/webhooks', access: needs('webhooks:read') },
  {
    route: 'POST /api/v1/webhooks',
    access: needs('account:write'),
    body: { url: 'http://127.0.0.1:9/', events: ['key.leaked'] },
  },
  { route: 'GET /api/v1/webhooks/:id', access: needs('webhooks:read'), on: 'webhook' },
  { route: 'PATCH /api/v1/webhooks/:id', access: needs('account:write'), on: 'webhook', body: { description: 'other' } },
  { route: 'DELETE /api/v1/webhooks/:id', access: needs('account:write'), on: 'webhook' },
  { route: 'POST /api/v1/webhooks/:id/rotate-secret', access: needs('account:write'), on: 'webhook', body: { graceSeconds: 60 } },
  { route: 'POST /api/v1/webhooks/:id/test', access: needs('account:write'), on: 'webhook' },
  { route: 'GET /api/v1/webhooks/:id/deliveries', access: needs('webhooks:read'), on: 'webhook' },
  {
    route: 'POST /api/v1/webhooks/:id/deliveries/:deliveryId/redeliver',
    access: needs('account:write'),
    on: 'delivery',
  },

  { route: 'GET /api/v1/accounts', access: operator },
  { route: 'POST /api/v1/accounts', access: operator, body: { name: 'An account', ownerEmail: 'owner$fresh@example.com' } },
  {
    route: 'POST /api/v1/accounts/:accountId/owner-invitation',
    access: operator,
    on: 'account',
    body: { ownerEmail: 'owner$fresh@example.com' },
  },
  { route: 'POST /api/v1/accounts/:accountId/suspend', access: operator, on: 'account' },
  { route: 'POST /api/v1/accounts/:accountId/resume', access: operator, on: 'account' },

  { route: 'POST /api/v1/auth/login', access: all, body: { email: '$ownerEmail', password: '$ownerPassword' } },
  { route: 'POST /api/v1/auth/logout', access: all, spends: true },
  { route: 'GET /api/v1/auth/session', access: person },
  { route: 'POST /api/v1/auth/session/account', access: person, body: { accountId: '$account' }, spends: true },
  { route: 'POST /api/v1/auth/password', access: person, body: { current: '$password', new: '$password' } },
  { route: 'GET /api/v1/auth/sessions', access: person },
  { route: 'DELETE /api/v1/auth/sessions/:sessionId', access: person, on: 'session' },
  { route: 'POST /api/v1/auth/invitations/accept', access: all, body: { token: 'none', password: LONG }, answer: 404 },
  { route: 'GET /api/v1/auth/methods', access: all },
  { route: 'GET /api/v1/auth/oidc/login', access: all, answer: 404 },
  { route: 'GET /api/v1/auth/oidc/callback', access: all, answer: 401 },

  { route: 'POST /api/v1/leaks/github', access: all, body: [], answer: 401 },
  {
    route: 'POST /api/v1/setup',
    access: all,
    body: { setupToken: 'none', accountName: 'Late', email: 'late@example.com', password: LONG },
    answer: 409,
  },
  { route: 'GET /', access: all },
  { route: 'GET /invitation', access: all },
  { route: 'GET /settings', access: all },
  { route: 'GET /settings/*path', access: all },
  { route: 'GET /setup', access: all },
  { route: 'GET /setup/page.css', access: all },
  { route: 'GET /setup/page.js', access: all },
];
