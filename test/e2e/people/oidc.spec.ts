import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AdminClient, anonymous, type Answer, signIn } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';
import { accept, invitationToken, join, recorded } from '../admin/people.js';
import { TestIdentityProvider, Wanderer } from './identity-provider.js';

let provider: TestIdentityProvider;
let stack: Stack;
const login = () => `${stack.adminUrl}/api/v1/auth/oidc/login`;
const callback = () => `${stack.adminUrl}/api/v1/auth/oidc/callback`;

beforeAll(async () => {
  provider = await TestIdentityProvider.start();
  stack = await startStack({ env: provider.environment });
});
afterAll(async () => {
  await stack.stop();
  await provider.stop();
});

/** As far as the address that the provider sends the browser back to. */
async function returned(browser: Wanderer, subject: string): Promise<string> {
  return browser.signInAs(subject, login(), callback());
}

function sessionOf(answer: Response): string | null {
  const pair = answer.headers.getSetCookie().find((cookie) => cookie.startsWith('mintmark_session='));
  return pair?.split(';')[0] ?? null;
}

async function signInThere(subject: string): Promise<AdminClient> {
  const browser = new Wanderer();
  const cookie = sessionOf(await browser.go(await returned(browser, subject)));
  if (cookie === null) throw new Error(`${subject} was not signed in`);
  return new AdminClient(stack.adminUrl, { cookie });
}

function errorOf({ body }: Answer): readonly string[] {
  const { error } = body as { readonly error: { readonly code: string; readonly message: string } };
  return [error.code, error.message];
}

/** The same address to the eye, with another character in front, which NFKC makes the same. */
function inFullWidth(email: string): string {
  return String.fromCharCode(email.charCodeAt(0) + 0xfee0) + email.slice(1);
}

async function codeOf(answer: Response): Promise<string> {
  return ((await answer.json()) as { readonly error: { readonly code: string } }).error.code;
}

describe('signing in at an identity provider', () => {
  test('while the provider is away is 503, passwords go on, and no restart is needed when it is back', async () => {
    const answer = await new Wanderer().go(login());
    expect([answer.status, await codeOf(answer)]).toEqual([503, 'unavailable']);
    await signIn(stack);
    provider.serve(callback());
    expect((await new Wanderer().go(login())).status).toBe(302);
  });

  test('opens a session for the person whose e-mail address the provider has verified', async () => {
    provider.people.set('subject-1', { email: stack.email.toUpperCase(), email_verified: true });
    const browser = new Wanderer();
    const answer = await browser.go(await returned(browser, 'subject-1'));
    expect([answer.status, answer.headers.get('location')]).toEqual([302, `${stack.adminUrl}/`]);
    const cookie = sessionOf(answer) ?? '';
    const session = await new AdminClient(stack.adminUrl, { cookie }).get('/auth/session');
    expect(session.body).toMatchObject({ user: { email: stack.email }, role: 'owner' });
    expect(answer.headers.getSetCookie().join()).toMatch(/mintmark_session=[^;]+;.*HttpOnly/);
  });

  test('is put down in the record the first time, as done by that person', async () => {
    const owner = await signIn(stack);
    const { body } = await owner.get('/audit?action=person.linked');
    expect(body).toMatchObject({
      data: [{ actor: { type: 'person' }, after: { issuer: provider.issuer, subject: 'subject-1', passwordForgotten: false } }],
    });
  });

  test('goes by the identity from then on, whatever becomes of its e-mail address', async () => {
    provider.people.set('subject-1', { email: 'other@example.com', email_verified: true });
    const browser = new Wanderer();
    expect(sessionOf(await browser.go(await returned(browser, 'subject-1')))).not.toBeNull();
  });

  test.each<[string, { readonly email?: string; readonly email_verified?: boolean }]>([
    ['an address that nobody here has', { email: 'nobody@example.com', email_verified: true }],
    ['an address that is not verified', { email: 'owner@example.com', email_verified: false }],
    ['an address of which that is not said', { email: 'owner@example.com' }],
    ['no address', {}],
    ['an address whose person has another identity', { email: 'owner@example.com', email_verified: true }],
  ])('with %s is refused', async (title, claims) => {
    provider.people.set(title, claims);
    const browser = new Wanderer();
    const answer = await browser.go(await returned(browser, title));
    expect([answer.status, sessionOf(answer)]).toEqual([403, null]);
  });

  test('ends where the provider refuses', async () => {
    const browser = new Wanderer();
    const authorization = new URL(Wanderer.next(await browser.go(login()), login()));
    const state = authorization.searchParams.get('state') ?? '';
    const answer = await browser.go(`${callback()}?error=access_denied&state=${state}`);
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'unauthorized']);
  });

  test.each([
    ['refused by the provider', '?error=access_denied', 'unauthorized'],
    ['who has not begun', '?code=none', 'unauthorized'],
  ])('sends a person back to the page, which says so, who was %s', async (_, query, code) => {
    const answer = await fetch(`${callback()}${query}`, { redirect: 'manual', headers: { accept: 'text/html,*/*;q=0.8' } });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, `${stack.adminUrl}/#sign-in=${code}`]);
    expect(answer.headers.get('vary')).toContain('Accept');
    expect(sessionOf(answer)).toBeNull();
  });

  test('takes no answer that another browser has begun, none twice, and none under another state', async () => {
    const browser = new Wanderer();
    const address = await returned(browser, 'subject-1');
    expect((await new Wanderer().go(address)).status).toBe(401);

    const altered = new URL(address);
    altered.searchParams.set('state', 'another');
    const other = new Wanderer();
    await returned(other, 'subject-1');
    expect((await other.go(altered.href)).status).toBe(401);

    expect(sessionOf(await browser.go(address))).not.toBeNull();
    expect((await browser.go(address)).status).toBe(401);
  });

  test('takes no cookie that it has not signed', async () => {
    const answer = await fetch(`${callback()}?code=x&state=y`, {
      headers: { cookie: `mintmark_oidc=${Buffer.from('{}').toString('base64url')}.AAAA` },
    });
    expect(answer.status).toBe(401);
  });

  test('sends PKCE and a nonce, and no secret, to the provider by way of the browser', async () => {
    const authorization = new URL(Wanderer.next(await new Wanderer().go(login()), login()));
    const sent = Object.fromEntries(authorization.searchParams);
    expect(sent).toMatchObject({ code_challenge_method: 'S256', response_type: 'code', redirect_uri: callback() });
    expect(sent['nonce']).toMatch(/^.{40,}$/);
    expect(authorization.href).not.toContain('registered-secret');
  });
});

describe('whoever joined by an invitation to an address that they never proved', () => {
  const isIn = async (client: AdminClient) => (await client.get('/auth/session')).status;
  const login = (email: string, password: string) => anonymous(stack).post('/auth/login', { email, password });

  test('is out once the provider vouches for somebody else by it, who chooses a password of their own', async () => {
    const owner = await signIn(stack);
    const squatter = await join(stack, owner, 'developer');
    const another = await signIn(stack, squatter);
    provider.people.set('rightful', { email: squatter.email.toUpperCase(), email_verified: true });
    const rightful = await signInThere('rightful');

    expect([await isIn(squatter.client), await isIn(another), await isIn(rightful)]).toEqual([401, 401, 200]);
    const [former, unknown] = [await login(squatter.email, squatter.password), await login('nobody@example.com', 'wrong one')];
    expect([former.status, errorOf(former)]).toEqual([unknown.status, errorOf(unknown)]);
    const [entry] = await recorded(owner, 'person.linked');
    expect(entry).toMatchObject({ target: { id: squatter.id }, after: { passwordForgotten: true, sessionsEnded: 2 } });

    const chosen = 'a password of their own';
    const change = (current: string | null) => rightful.post('/auth/password', { current, new: chosen });
    expect((await change(squatter.password)).status).toBe(403);
    expect((await change(null)).status).toBe(200);
    expect((await change(null)).status).toBe(403);
    await signInThere('rightful');
    expect([(await login(squatter.email, chosen)).status, (await login(squatter.email, squatter.password)).status]).toEqual([
      200, 401,
    ]);
  });

  test('joins no further account by their former password', async () => {
    const operator = await signIn(stack);
    const person = await join(stack, operator, 'viewer');
    provider.people.set('joining', { email: person.email, email_verified: true });
    const client = await signInThere('joining');
    const token = invitationToken(await operator.post('/accounts', { name: 'Further', ownerEmail: person.email }));
    expect((await accept(stack, token, person)).status).toBe(403);
    const password = 'chosen in the session';
    expect((await client.post('/auth/password', { current: null, new: password })).status).toBe(200);
    expect((await accept(stack, token, { password })).status).toBe(200);
  });

  test('is not whoever has proved an address that merely looks like theirs', async () => {
    const person = await join(stack, await signIn(stack), 'viewer');
    provider.people.set('look-alike', { email: inFullWidth(person.email), email_verified: true });
    const browser = new Wanderer();
    const answer = await browser.go(await returned(browser, 'look-alike'));
    expect([answer.status, sessionOf(answer)]).toEqual([403, null]);
    expect(await isIn(person.client)).toBe(200);
  });
});

test('where no identity provider is configured there is none to sign in at', async () => {
  const plain = await startStack();
  const answer = await fetch(`${plain.adminUrl}/api/v1/auth/oidc/login`, { redirect: 'manual' });
  expect(answer.status).toBe(404);
  await plain.stop();
});
