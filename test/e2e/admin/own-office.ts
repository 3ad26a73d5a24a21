import { afterAll, beforeAll, expect } from '@jest/globals';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { eventually } from '../../support/eventually.js';
import { type Stack, startStack } from '../../support/stack.js';
import { inDatabase } from './office.js';

/** The stack of the tests of a file, once {@link officeForTests} has begun. */
export let stack: Stack;
/** Signed in as the first owner. */
export let owner: AdminClient;
/** The account that the stack begins with. */
export let accountId: string;

/** A stack for the tests of a file alone, from before the first of them to after the last. Called at the top of the file. */
export function officeForTests(): void {
  beforeAll(async () => {
    stack = await startStack();
    await untilVerifierFollows();
    owner = await signIn(stack);
    const { body } = await owner.get('/auth/session');
    accountId = (body as { readonly account: { readonly id: string } }).account.id;
  });
  afterAll(() => stack.stop());
}

/** A verifier serves before it follows, remembering nothing; from then on revocations wait for it, and count it. */
async function untilVerifierFollows(): Promise<void> {
  const members = () => inDatabase(stack, (sql) => sql('SELECT FROM verifiers'));
  expect((await eventually(members, (found) => found.length > 0)).length).toBe(1);
}
