import { expect, test } from '@jest/globals';
import type { Role } from '#libs/key-domain';
import { newcomer } from './office.js';
import { accountId, officeForTests, stack } from './own-office.js';

officeForTests();

test.each<[Role, number[]]>([
  ['admin', [200, 201, 201, 200, 201]],
  ['developer', [200, 201, 403, 200, 403]],
  ['viewer', [200, 403, 403, 200, 403]],
])('what a person who is %s may do', async (role, expected) => {
  const person = await newcomer(stack, { role, accountId });
  const answers = [
    await person.get('/keys'),
    await person.post('/keys', { name: 'plain' }),
    await person.post('/keys', { name: 'for a service', scopes: ['mintmark:tokens:verify'] }),
    await person.get('/products'),
    await person.post('/products', { name: 'Shirts' }),
  ];
  expect(answers.map(({ status }) => status)).toEqual(expected);
});
