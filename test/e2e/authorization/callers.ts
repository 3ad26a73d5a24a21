import { MINTMARK_SCOPES } from '#libs/key-domain';
import { AdminClient, signIn } from '../../support/admin-client.js';
import type { Stack } from '../../support/stack.js';
import { inDatabase, mint, newcomer } from '../admin/office.js';
import { type Credentials, forgetAttempts, join, signInAnew } from '../admin/people.js';

/** An account, by its owner. */
export interface Account {
  readonly id: string;
  readonly owner: AdminClient;
  readonly credentials: Credentials;
}

/** Somebody who calls. */
export interface Caller {
  readonly name: string;
  readonly kind: 'person' | 'key' | 'nobody';
  /** Null: of no account. */
  readonly account: Account | null;
  /** Of people. */
  readonly role: string | null;
  readonly operator: boolean;
  readonly credentials: Credentials | null;
  /** Of keys. */
  readonly scopes: readonly string[];
  /** What a request of theirs carries. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** The same of a session or a key that nothing else uses. */
  freshHeaders(): Promise<Readonly<Record<string, string>>>;
}

export interface Callers {
  readonly ours: Account;
  readonly theirs: Account;
  readonly all: readonly Caller[];
}

/** Everybody there is: each role and each scope of our account, an operator, nobody, and people and keys of another account. */
export async function everybody(stack: Stack): Promise<Callers> {
  const bootstrap = await signIn(stack);
  const ours = {
    id: await accountOf(bootstrap),
    owner: bootstrap,
    credentials: { email: stack.email, password: stack.password },
  };
  const founder = await newcomer(stack, { role: 'owner' });
  const other = await join(stack, founder, 'owner');
  const theirs = { id: await accountOf(other.client), owner: other.client, credentials: other };
  const members = [];
  for (const role of ['owner', 'admin', 'developer', 'viewer']) members.push(await member(stack, ours, role));
  const operator = await member(stack, ours, 'viewer', { name: 'an operator, who is a viewer', operator: true });
  const keys = MINTMARK_SCOPES.map((scope) => key(ours, `a key with ${scope}`, [scope]));
  return {
    ours,
    theirs,
    all: [
      ...members,
      operator,
      ...keys,
      key(ours, 'a key with every scope of Mintmark’s own', MINTMARK_SCOPES),
      key(ours, 'a customer’s key', ['*', 'garments:read']),
      serviceKey(stack, ours),
      nobody(),
      await member(stack, theirs, 'owner', { name: 'an owner of another account' }),
      key(theirs, 'a key of another account with every scope', MINTMARK_SCOPES),
    ],
  };
}

async function accountOf(client: AdminClient): Promise<string> {
  const { body } = await client.get('/auth/session');
  return (body as { readonly account: { readonly id: string } }).account.id;
}

async function member(
  stack: Stack,
  account: Account,
  role: string,
  { name = `a person who is ${role}`, operator = false } = {},
): Promise<Caller> {
  await forgetAttempts(stack);
  const { client, id, email, password } = await join(stack, account.owner, role);
  if (operator) await inDatabase(stack, (sql) => sql('UPDATE people SET operator = true WHERE id = $1', [id]));
  const credentials = { email, password };
  return {
    ...{ name, kind: 'person', account, role, operator, credentials, scopes: [] },
    headers: () => Promise.resolve({ cookie: client.cookie }),
    freshHeaders: async () => ({ cookie: (await signInAnew(stack, credentials)).cookie }),
  };
}

function key(account: Account, name: string, scopes: readonly string[], known?: string): Caller {
  const freshHeaders = async () => ({ authorization: `Bearer ${(await mint(account.owner, { scopes })).token}` });
  let made = known === undefined ? null : Promise.resolve({ authorization: `Bearer ${known}` });
  return {
    ...{ name, kind: 'key', account, role: null, operator: false, credentials: null, scopes },
    headers: () => (made ??= freshHeaders()),
    freshHeaders,
  };
}

function serviceKey(stack: Stack, account: Account): Caller {
  return key(account, 'the service key of the set-up', ['mintmark:tokens:verify'], stack.serviceKey);
}

function nobody(): Caller {
  const headers = () => Promise.resolve({});
  return {
    ...{ name: 'nobody', kind: 'nobody', account: null, role: null, operator: false, credentials: null, scopes: [] },
    headers,
    freshHeaders: headers,
  };
}
