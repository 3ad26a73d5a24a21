import type { KeyRecord } from './key-record.js';

/** A key that nothing is special about; a test says what is. */
export function aRecord(given: Partial<KeyRecord> = {}): KeyRecord {
  return {
    keyId: 'key_1',
    secretId: 'sec_1',
    accountId: 'acc_1',
    accountSuspended: false,
    ownerId: null,
    name: 'a key',
    environment: null,
    scopes: [],
    products: [],
    allowedCidrs: [],
    metadata: {},
    limits: null,
    enabled: true,
    revoked: false,
    expiresAt: null,
    ...given,
  };
}
