import { randomBytes } from 'node:crypto';
import { AdminClient, anonymous, type Answer, sessionOf, signIn } from '../../support/admin-client.js';
import { recordSecret } from '../../support/evidence.js';
import type { Stack } from '../../support/stack.js';
import { inDatabase } from './office.js';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Somebody who is in no account yet. */
export function somebody(): Credentials {
  const person = { email: `${randomBytes(6).toString('hex')}@example.com`, password: randomBytes(9).toString('base64url') };
  recordSecret('password', person.password);
  return person;
}

/** The token in the link of an invitation; anything else fails. */
export function invitationToken({ status, body }: Answer): string {
  if (status !== 201) throw new Error(`not invited: ${status} ${JSON.stringify(body)}`);
  const { link } = body as { readonly link: string };
  const token = new URL(link).hash.replace('#token=', '');
  recordSecret('invitation', token);
  return token;
}

export function accept(stack: Stack, token: string, { password }: Pick<Credentials, 'password'>): Promise<Answer> {
  return anonymous(stack).post('/auth/invitations/accept', { token, password });
}

/** Brings somebody in as their inviter would, and has them signed in. */
export async function join(
  stack: Stack,
  inviter: AdminClient,
  role: string,
  person = somebody(),
): Promise<{ readonly client: AdminClient; readonly id: string } & Credentials> {
  const token = invitationToken(await inviter.post('/members/invitations', { email: person.email, role }));
  const answer = await accept(stack, token, person);
  if (answer.status !== 200) throw new Error(`not joined: ${answer.status} ${JSON.stringify(answer.body)}`);
  return { client: sessionOf(stack, answer), id: userId(answer), ...person };
}

export function userId({ body }: Answer): string {
  return (body as { readonly user: { readonly id: string } }).user.id;
}

/** Signs somebody in however often somebody was before: what a throttle does is for its own tests. */
export async function signInAnew(stack: Stack, person?: Credentials): Promise<AdminClient> {
  await forgetAttempts(stack);
  return signIn(stack, person);
}

export async function forgetAttempts(stack: Stack): Promise<void> {
  await inDatabase(stack, (sql) => sql('DELETE FROM login_attempts'));
}

/** What the record of an account tells of an action, newest first. */
export async function recorded(reader: AdminClient, action: string): Promise<readonly Record<string, unknown>[]> {
  const { body } = await reader.get(`/audit?action=${action}&limit=200`);
  return (body as { readonly data: readonly Record<string, unknown>[] }).data;
}
