import { randomBytes } from 'node:crypto';
import type { ObjectKind } from '../../../apps/admin/src/access/authorization-matrix.js';
import type { AdminClient } from '../../support/admin-client.js';
import type { Stack } from '../../support/stack.js';
import { mint } from '../admin/office.js';
import { join, signInAnew, somebody } from '../admin/people.js';
import type { Account, Caller } from './callers.js';

/** What a new object is made for. */
interface Making {
  readonly stack: Stack;
  readonly account: Account;
  readonly operator: AdminClient;
  /** Whose it is, where it is a person's own; null: somebody else's of the account. */
  readonly caller: Caller | null;
}

async function made({ owner }: Account, path: string, body: object): Promise<{ readonly id: string }> {
  const answer = await owner.post(path, body);
  if (answer.status !== 201) throw new Error(`not made: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as { readonly id: string };
}

/** An account can have few of them: the first is taken again, and made anew once it was deleted. */
async function webhookOf(account: Account): Promise<{ readonly id: string }> {
  const { body } = await account.owner.get('/webhooks?limit=1');
  const [first] = (body as { readonly data: readonly { readonly id: string }[] }).data;
  if (first !== undefined) return first;
  const answer = await account.owner.post('/webhooks', { url: 'http://127.0.0.1:9/', events: ['key.leaked'] });
  return (answer.body as { readonly webhook: { readonly id: string } }).webhook;
}

/** Makes a new object of a kind; the parameters by which paths name it. */
export const OBJECTS: Readonly<Record<ObjectKind, (making: Making) => Promise<Readonly<Record<string, string>>>>> = {
  // The owner of the account that an installation begins with is operator; in another account nobody is.
  account: async ({ operator }) => {
    const { body } = await operator.post('/accounts', { name: 'An account', ownerEmail: somebody().email });
    return { accountId: (body as { readonly account: { readonly id: string } }).account.id };
  },
  key: async ({ account }) => ({ id: (await mint(account.owner)).id }),
  secret: async ({ account }) => {
    const { id } = await mint(account.owner);
    const { body } = await account.owner.post(`/keys/${id}/rotate`, { graceSeconds: 600 });
    const { previous } = body as { readonly previous: { readonly secretId: string } };
    return { id, secretId: previous.secretId };
  },
  format: async ({ account }) => {
    const name = `f${account.id.slice(-12)}`; // an account holds few: made anew only once it was deleted
    await account.owner.post('/key-formats', { name, prefix: 'mx', environments: [], encoding: 'base62' });
    return { name };
  },
  product: async ({ account }) => ({ id: (await made(account, '/products', { name: 'a product' })).id }),
  scope: async ({ account }) => {
    const name = `s${randomBytes(6).toString('hex')}:read`;
    await made(account, '/scopes', { name });
    return { name };
  },
  member: async ({ stack, account }) => ({ personId: (await join(stack, account.owner, 'developer')).id }),
  invitation: async ({ account }) => {
    const { body } = await account.owner.post('/members/invitations', { email: somebody().email, role: 'viewer' });
    return { invitationId: (body as { readonly invitation: { readonly id: string } }).invitation.id };
  },
  webhook: async ({ account }) => ({ id: (await webhookOf(account)).id }),
  delivery: async ({ account }) => {
    const { id } = await webhookOf(account);
    const { body } = await account.owner.post(`/webhooks/${id}/test`);
    return { id, deliveryId: (body as { readonly id: string }).id };
  },
  session: async ({ stack, account, caller }) => {
    const client = await signInAnew(stack, caller?.credentials ?? account.credentials);
    const { body } = await client.get('/auth/sessions');
    const { data } = body as { readonly data: readonly { readonly id: string; readonly current: boolean }[] };
    return { sessionId: data.find(({ current }) => current)?.id ?? '' };
  },
};
