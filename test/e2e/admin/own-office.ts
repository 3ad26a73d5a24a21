import { afterAll, beforeAll } from '@jest/globals';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';

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
    owner = await signIn(stack);
    const { body } = await owner.get('/auth/session');
    accountId = (body as { readonly account: { readonly id: string } }).account.id;
  });
  afterAll(() => stack.stop());
}
