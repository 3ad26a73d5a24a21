import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { recordSecret } from '../../support/evidence.js';
import { type Stack, startStack } from '../../support/stack.js';
import { type Credentials, join } from '../admin/people.js';
import { OutsideClient } from '../verifier/outside-client.js';
import { inBrowser, launch } from './browser.js';

const WARNING = 'Save this key now - it will not be shown again!';

inBrowser('the dashboard in a browser', () => {
  let stack: Stack;
  let browser: Browser;
  let owner: AdminClient;
  let verifier: OutsideClient;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];
  const strangers: string[] = [];

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack(), launch()]);
    owner = await signIn(stack);
    verifier = new OutsideClient(stack.verifierGrpc, `Bearer ${stack.serviceKey}`);
    await owner.post('/scopes/apply-template', { template: 'keymint' });
    await owner.post('/products', { id: 'shirts', name: 'Shirts' });
  });
  afterAll(async () => {
    verifier.close();
    await browser.close();
    await stack.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => new URL(request.url()).origin !== stack.adminUrl && strangers.push(request.url()));
  });
  afterEach(async () => {
    await context.close();
    expect(strangers.splice(0)).toEqual([]);
    expect(complaints.splice(0).filter((complaint) => !isAboutStatus(complaint))).toEqual([]);
  });

  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const dialog = (): Locator => page.getByRole('dialog');
  const rowOf = (name: string): Locator =>
    page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  const enter = async ({ email, password }: Credentials = stack, path = '/') => {
    await page.goto(`${stack.adminUrl}${path}`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await button('Sign in').click();
    const [cookie] = await expectCookie();
    recordSecret('session', cookie?.value ?? '');
  };
  const expectCookie = async () => {
    await button('Sign out').waitFor();
    return context.cookies();
  };
  const shownToken = async (): Promise<string> => {
    const token = (await dialog().locator('output').textContent()) ?? '';
    recordSecret('token', token);
    return token;
  };
  const createKey = async (name: string, create = 'Create New Key'): Promise<string> => {
    await button(create).click();
    await page.getByLabel('Name').fill(name);
    await button('Create').click();
    return shownToken();
  };
  const idOf = async (name: string): Promise<string> => {
    const { body } = await owner.get(`/keys?search=${encodeURIComponent(name)}`);
    return (body as { readonly data: readonly { readonly id: string }[] }).data[0]?.id ?? '';
  };

  test('somebody signs in, and is told plainly when that fails', async () => {
    await page.goto(stack.adminUrl);
    await page.getByLabel('E-mail address').fill(stack.email);
    await page.getByLabel('Password').fill('not the password');
    await button('Sign in').click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Password').inputValue()).toBe('not the password');
    await enter();
    await page.getByText(`${stack.email}, owner of`).waitFor();
  });

  test.each([
    ['forbidden', 'No account here has a member by the e-mail address'],
    ['anything', 'Signing in at the identity provider failed'],
  ])('somebody who could not sign in at the identity provider is told why: %s', async (code, said) => {
    await page.goto(`${stack.adminUrl}/#sign-in=${code}`);
    await page.getByRole('alert').getByText(said).waitFor();
    expect(page.url()).toBe(`${stack.adminUrl}/`);
    await page.reload();
    await button('Sign in').waitFor();
    expect(await page.getByText(said).count()).toBe(0);
  });

  test('Settings leads to API Keys, where Create New Key asks for a name and shows the key once, to be copied', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stack.adminUrl });
    await enter();
    expect(await page.getByRole('navigation', { name: 'Settings' }).getByRole('listitem').allTextContents()).toEqual([
      'Settings',
      'API Keys',
    ]);
    const token = await createKey('Production');
    expect(await dialog().textContent()).toContain(WARNING);
    await button('Copy').click();
    await dialog().getByText('Copied.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(token);
    expect(await verifier.code({ token })).toBe('VALID');
    for (let time = 0; time < 3; time += 1) await page.keyboard.press('Escape');
    await dialog().locator('output').waitFor(); // a browser closes a dialog in the end: this one is there again
    expect(await shownToken()).toBe(token);
    await button('I have saved it').click();
    await page.locator('button:focus', { hasText: 'Create New Key' }).waitFor();
    await rowOf('Production').waitFor();
    expect(await page.content()).not.toContain(token);
    await page.reload();
    await rowOf('Production').waitFor();
    expect(await page.content()).not.toContain(token);
    expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')).toBe('[{},{},""]');
    expect(await rowOf('Production').textContent()).toContain(token.slice(-4));
  });

  test('a key that was exposed is revoked there, and dead when the page says so', async () => {
    await enter();
    const token = await createKey('Exposed');
    await button('I have saved it').click();
    await button('Revoke Exposed').click();
    await dialog().getByText('Revoke Exposed?').waitFor();
    await page.getByLabel('Reason').selectOption('key_compromise');
    await button('Revoke').click();
    await page.getByText('Exposed is revoked. In force at').waitFor();
    expect(await verifier.code({ token })).toBe('REVOKED');
    await rowOf('Exposed').filter({ hasText: 'revoked' }).waitFor(); // the list is read anew
    expect(await rowOf('Exposed').getByRole('button').count()).toBe(0);
    const { body } = await owner.get(`/keys/${await idOf('Exposed')}`);
    expect(body).toMatchObject({ revocationReason: 'key_compromise' });
  });

  test('an account that mints tokens finds Settings, Developer, API Tokens: Generate Token asks for name, scopes and products', async () => {
    await owner.patch('/policy', { defaultFormat: 'keymint' });
    try {
      await enter(stack, '/settings/developer/api-tokens');
      const trail = page.getByRole('navigation', { name: 'Settings' }).getByRole('listitem');
      expect(await trail.allTextContents()).toEqual(['Settings', 'Developer', 'API Tokens']);
      expect(new URL(page.url()).pathname).toBe('/settings/developer/api-tokens');
      await button('Generate Token').click();
      await page.getByLabel('Name').fill('Licence service');
      await page.getByRole('group', { name: 'License Operations' }).getByLabel('licenses:activate').check();
      await page.getByLabel('Shirts').check();
      await page.getByLabel('Expires after days').fill('30');
      await button('Create').click();
      const token = await shownToken();
      expect(token).toMatch(/^at_/);
      const question = { token, requiredScopes: ['licenses:activate'], productId: 'shirts' };
      expect(await verifier.verifyToken(question)).toMatchObject({
        code: 'VALID',
        grant: { productIds: ['shirts'], allProducts: false },
      });
      await button('I have saved it').click();
      expect(await rowOf('Licence service').textContent()).toContain('licenses:activate');
    } finally {
      await owner.patch('/policy', { defaultFormat: 'default' });
    }
  });

  test('what the API refuses stands beside its field, and nothing is created', async () => {
    await enter();
    await button('Create New Key').click();
    await page.getByLabel('Expires after days').fill('soon');
    await button('Create').click();
    for (const field of ['name', 'expiresInDays']) {
      const input = page.locator(`input[name="${field}"][aria-invalid="true"]`);
      await input.waitFor();
      const faultId = (await input.getAttribute('aria-describedby'))?.split(' ')[1] ?? '';
      expect(await page.locator(`[id="${faultId}"]`).textContent()).not.toBe('');
    }
    expect(await page.locator('input[name="name"]:focus').count()).toBe(1);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  });

  test('keys are found by name, end and status, page by page', async () => {
    for (let number = 1; number <= 55; number += 1) await owner.post('/keys', { name: `Batch ${String(number)}` });
    await enter();
    await rowOf('Batch 55').waitFor();
    expect(await rowOf('Batch 1').count()).toBe(0);
    await button('Show more').click();
    await rowOf('Batch 1').waitFor();
    await page.getByLabel('Search').fill('Exposed');
    await button('Search').click();
    await rowOf('Batch 55').waitFor({ state: 'detached' });
    await rowOf('Exposed').waitFor();
    expect(await page.locator('tbody tr').count()).toBe(1);
    await page.getByLabel('Status').selectOption('active');
    await page.getByText('There is no key here.').waitFor();
  });

  test.each([
    ['Service key', 1],
    ['Ordinary', 0],
  ])('what hangs on it is said of a service key where it is rotated or revoked: %s', async (name, warnings) => {
    await owner.post('/keys', { name: 'Ordinary' });
    await enter();
    await page.getByLabel('Search').fill(name);
    await button('Search').click();
    for (const action of ['Rotate', 'Revoke']) {
      await button(`${action} ${name}`).first().click();
      await dialog().waitFor();
      expect(await dialog().getByText('This is a service key').count()).toBe(warnings);
      await page.keyboard.press('Escape');
      await dialog().waitFor({ state: 'detached' });
    }
  });

  test('a key is rotated, and both tokens are accepted for as long as was chosen', async () => {
    await enter();
    const former = await createKey('Rotated');
    await button('I have saved it').click();
    await button('Rotate Rotated').click();
    await page.getByLabel('The former token is still accepted').selectOption('For an hour');
    await button('Rotate').click();
    const token = await shownToken();
    expect(token).not.toBe(former);
    expect(await verifier.code({ token })).toBe('VALID');
    expect(await verifier.code({ token: former })).toBe('VALID');
  });

  test('a viewer sees keys, and is offered none of what a viewer may not', async () => {
    await enter(await join(stack, owner, 'viewer'));
    await page.getByRole('row').nth(1).waitFor();
    expect(await button('Create New Key').count()).toBe(0);
    expect(await page.getByRole('button', { name: /^(Revoke|Rotate)/ }).count()).toBe(0);
  });

  test('somebody whose session has ended is asked to sign in again, and goes on', async () => {
    await enter();
    await page.getByRole('row').nth(1).waitFor();
    await context.clearCookies();
    await button('Search').click();
    await page.getByLabel('Status').selectOption('active');
    await page.getByText('Your session has ended.').waitFor();
    await enter();
  });

  test('the link of an invitation lets somebody join, and stays in no address bar', async () => {
    const { body } = await owner.post('/members/invitations', { email: 'new@example.com', role: 'developer' });
    const { link } = body as { readonly link: string };
    recordSecret('invitation', new URL(link).hash.replace('#token=', ''));
    await page.goto(link);
    await page.getByLabel('Password').fill('short');
    expect(page.url()).toBe(`${stack.adminUrl}/invitation`);
    await button('Join').click();
    await page.locator('input[name="password"][aria-invalid="true"]').waitFor();
    const password = 'a boat on the quiet lake';
    recordSecret('password', password);
    await page.getByLabel('Password').fill(password);
    await button('Join').click();
    await page.getByText('new@example.com, developer of').waitFor();
    await button('Create New Key').waitFor();
    await page.goto(link);
    await page.getByLabel('Password').fill(password);
    await button('Join').click();
    await page.getByRole('alert').waitFor();
    await page.goto(`${stack.adminUrl}/invitation`);
    await page.getByText('opened without its invitation').waitFor();
  });

  test('whoever signs out is out: the session is over, and the page shows nothing of the account', async () => {
    await enter();
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    await button('Sign out').click();
    await button('Sign in').waitFor();
    const { status } = await fetch(`${stack.adminUrl}/api/v1/auth/session`, { headers: { cookie } });
    expect(status).toBe(401);
    expect(await page.getByRole('row').count()).toBe(0);
  });

  test('an admin that can not be reached is said to be so, and asked again on demand', async () => {
    await enter();
    await page.getByRole('row').nth(1).waitFor();
    await page.route('**/api/v1/keys*', (route) => route.abort());
    await page.getByLabel('Status').selectOption('active');
    await page.getByText('Mintmark could not be reached.').waitFor();
    await page.unroute('**/api/v1/keys*');
    await button('Try again').click();
    await page.getByText('Mintmark could not be reached.').waitFor({ state: 'detached' });
  });

  test('a creation whose answer was lost is made once, however often it is sent', async () => {
    await enter();
    await button('Create New Key').click();
    await page.getByLabel('Name').fill('Lost on its way');
    await page.route('**/api/v1/keys', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await button('Create').click();
    await dialog().getByText('Mintmark could not be reached.').waitFor();
    await page.unroute('**/api/v1/keys');
    await button('Create').click();
    await dialog().getByRole('alert').filter({ hasNotText: 'could not be reached' }).waitFor();
    const { body } = await owner.get('/keys?search=Lost');
    expect((body as { readonly data: readonly unknown[] }).data).toHaveLength(1);
  });

  test('a rotation whose answer was lost is made once: the former token goes on as was chosen', async () => {
    await enter();
    const former = await createKey('Rotated in vain');
    await button('I have saved it').click();
    await button('Rotate Rotated in vain').click();
    await page.route('**/rotate', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await button('Rotate').click();
    await dialog().getByText('Mintmark could not be reached.').waitFor();
    await page.unroute('**/rotate');
    await button('Rotate').click();
    await dialog().getByRole('alert').filter({ hasNotText: 'could not be reached' }).waitFor();
    const { body } = await owner.get(`/keys/${await idOf('Rotated in vain')}`);
    expect((body as { readonly secrets: readonly unknown[] }).secrets).toHaveLength(2);
    expect(await verifier.code({ token: former })).toBe('VALID');
  });

  test('everything can be done by keyboard alone', async () => {
    await page.goto(stack.adminUrl);
    await page.getByLabel('E-mail address').waitFor();
    await page.keyboard.type(stack.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(stack.password);
    await page.keyboard.press('Enter');
    await expectCookie();
    await button('Create New Key').focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Name').waitFor();
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await shownToken();
  });

  test('its files may be kept for ever, and the page itself never', async () => {
    const answer = await fetch(`${stack.adminUrl}/settings/api-keys`);
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(await answer.text())?.[1] ?? '';
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
    const file = await fetch(`${stack.adminUrl}${script}`);
    expect([file.status, file.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    expect((await fetch(`${stack.adminUrl}/assets/none.js`)).status).toBe(404);
    expect((await fetch(`${stack.adminUrl}/assets/..%2findex.html`)).status).toBe(404);
    const unknown = await fetch(`${stack.adminUrl}/api/v1/none`);
    expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'application/json; charset=utf-8']);
  });
});

/** The browser's own note that a request was refused, or was cut off on purpose. */
function isAboutStatus(complaint: string): boolean {
  return complaint.startsWith('Failed to load resource:');
}
