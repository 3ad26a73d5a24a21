import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { recordSecret } from '../../support/evidence.js';
import { type Stack, startStack } from '../../support/stack.js';
import { inBrowser, launch } from './browser.js';

const PASSWORD = 'a walk along the old canal';

inBrowser('the set-up page in a browser', () => {
  let stack: Stack;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    recordSecret('password', PASSWORD);
    [stack, browser] = await Promise.all([startStack({ bootstrap: false }), launch()]);
  });
  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });
  afterEach(async () => {
    await page.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  const open = async (url: string) => {
    page = await browser.newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
  };
  const fill = async (fields: { readonly accountName: string; readonly email: string; readonly password: string }) => {
    await page.getByLabel('Account name').fill(fields.accountName);
    await page.getByLabel('E-mail address').fill(fields.email);
    await page.getByLabel('Password').fill(fields.password);
    await page.getByRole('button', { name: 'Set up' }).click();
  };

  test('without its token says what is missing', async () => {
    await open(`${stack.adminUrl}/setup`);
    await expectText('alert', 'Open the whole link');
  });

  test('is what the dashboard sends to, as long as nobody could sign in', async () => {
    await open(stack.adminUrl);
    await page.getByText('Open the set-up link').waitFor();
    complaints.length = 0; // the browser's own note about the 401 of nobody's session
  });

  test('tells what is wrong beside the field, and nothing is set up', async () => {
    await open(stack.setupUrl);
    await fill({ accountName: 'Tailors', email: 'not an address', password: PASSWORD });
    await page.locator('#email-fault:not(:empty)').waitFor();
    expect(await page.getByLabel('E-mail address').getAttribute('aria-invalid')).toBe('true');
    complaints.length = 0; // the browser's own note about the 400
  });

  test('takes the token out of the address bar, sets up and signs in', async () => {
    await open(stack.setupUrl);
    expect(page.url()).not.toContain('token');
    await fill({ accountName: 'Tailors', email: 'tailor@example.com', password: PASSWORD });
    await page.getByRole('heading', { name: 'Mintmark is set up' }).waitFor();
    const session = await page.evaluate(async () => (await fetch('/api/v1/auth/session')).json());
    expect(session).toMatchObject({ user: { email: 'tailor@example.com' }, account: { name: 'Tailors' }, role: 'owner' });
    const [cookie] = await page.context().cookies();
    recordSecret('session', cookie?.value ?? '');
    expect(cookie).toMatchObject({ name: 'mintmark_session', httpOnly: true, sameSite: 'Lax' });
  });

  test('afterwards there is nothing left to set up', async () => {
    await open(stack.setupUrl);
    expect(await page.locator('form').count()).toBe(0);
    await page.context().clearCookies();
    await page.goto(stack.adminUrl);
    await page.getByLabel('Password').waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.getByText('Open the set-up link').count()).toBe(0);
    complaints.length = 0; // the same note
  });

  test('the API documentation opens, and shows the routes', async () => {
    await open(`${stack.adminUrl}/api/docs`);
    await page.getByText('/api/v1/keys', { exact: true }).first().waitFor();
  });

  const expectText = async (role: 'alert', text: string) => {
    const element = page.getByRole(role);
    await element.waitFor();
    expect(await element.textContent()).toContain(text);
  };
});
