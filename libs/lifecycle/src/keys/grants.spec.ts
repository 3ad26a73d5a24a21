import { expect, test } from '@jest/globals';
import type { InputFault } from '#libs/key-domain';
import { refuseScopes } from './grants.js';

test('a scope that the account does not offer is named, with the way to add it', () => {
  const faults: InputFault[] = [];
  refuseScopes(['garments:read', 'invoices:read', 'no scope'], ['garments:read'], [], faults);
  expect(faults).toEqual([
    {
      path: 'scopes.1',
      message: "invoices:read is no scope of the account's catalogue: POST /api/v1/scopes adds one.",
    },
    { path: 'scopes.2', message: 'Not a scope: write resource:action.' },
  ]);
});
