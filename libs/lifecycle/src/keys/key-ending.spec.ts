import { describe, expect, test } from '@jest/globals';
import {
  ANY_SCOPES,
  type CatalogueStore,
  type ChangedKey,
  type CommittedChange,
  type Enforced,
  type Enforcement,
  EnforcementUnconfirmedError,
  ForbiddenError,
  type Key,
  type KeyStore,
  NotFoundError,
  type Policy,
} from '#libs/key-domain';
import { person } from '../principal.fixture.js';
import { KeyEnding } from './key-ending.js';
import { terms } from './terms.fixture.js';

const KEY = { id: 'key_1', accountId: 'acc_1', scopes: ['a:read'] as readonly string[] } as Key;
const OURS = person('owner', 'acc_1');
const STRANGER = person('owner', 'acc_2');
const ENFORCED: Enforced = { verifiers: 3, ms: 4, by: 'acknowledgement' };

type Ends = Pick<KeyStore, 'find' | 'revoke' | 'delete' | 'eraseDeleted' | 'lastChange'>;

function changeAt(place: number): CommittedChange {
  return { place, scope: { kind: 'key', accountId: 'acc_1', keyId: 'key_1' }, handles: [] };
}

/** A store that writes down when it has committed, beside when enforcement was asked for. */
function recorded(enforce: () => Promise<Enforced> = () => Promise.resolve(ENFORCED), policy: Partial<Policy> = {}) {
  const happened: (string | number)[] = [];
  let place = 0;
  let deleted = false;
  const end = async (what: string, accountId: string, keyId: string): Promise<ChangedKey | null> => {
    await new Promise(setImmediate);
    happened.push(what);
    if (deleted || accountId !== KEY.accountId || keyId !== KEY.id) return null;
    deleted = what === 'deleted';
    return { key: KEY, change: changeAt((place += 1)) };
  };
  const store: Ends = {
    find: (accountId, keyId) => Promise.resolve(!deleted && accountId === KEY.accountId && keyId === KEY.id ? KEY : null),
    revoke: (accountId, keyId) => end('revoked', accountId, keyId),
    delete: (accountId, keyId, _, assertMay) => {
      if (!deleted && accountId === KEY.accountId) assertMay(KEY);
      return end('deleted', accountId, keyId);
    },
    eraseDeleted: () => Promise.resolve(void happened.push('erased')),
    lastChange: (accountId, keyId) =>
      Promise.resolve(accountId === KEY.accountId && keyId === KEY.id && place > 0 ? changeAt(place) : null),
  };
  const catalogue: Pick<CatalogueStore, 'offer'> = { offer: () => Promise.resolve(terms({ policy })) };
  const enforcement: Enforcement = {
    enforce: (change) => {
      happened.push(change.place);
      return enforce();
    },
  };
  return { happened, ending: new KeyEnding(store as KeyStore, catalogue as CatalogueStore, enforcement) };
}

describe('taking a key out of use', () => {
  test('is enforced after its commit, and says how', async () => {
    const { happened, ending } = recorded();
    await expect(ending.revoke(OURS, 'key_1')).resolves.toEqual({ key: KEY, enforced: ENFORCED });
    expect(happened).toEqual(['revoked', 1]);
  });

  test('waits for enforcement again when it is repeated', async () => {
    const { happened, ending } = recorded();
    await ending.revoke(OURS, 'key_1');
    await ending.revoke(OURS, 'key_1');
    expect(happened).toEqual(['revoked', 1, 'revoked', 2]);
  });

  test('is enforced on deletion for good too, and before a repetition is told that there is no such key', async () => {
    const { happened, ending } = recorded();
    await ending.delete(OURS, 'key_1');
    await expect(ending.delete(OURS, 'key_1')).rejects.toThrow(NotFoundError);
    await expect(ending.revoke(OURS, 'key_1')).rejects.toThrow(NotFoundError);
    expect(happened).toEqual(['deleted', 1, 'erased', 'deleted', 1, 'erased', 'revoked', 1]);
  });

  test('does not answer as done when it is not confirmed, nor that there is no such key', async () => {
    const { ending } = recorded(() => Promise.reject(new EnforcementUnconfirmedError('not confirmed')));
    await expect(ending.delete(OURS, 'key_1')).rejects.toThrow(EnforcementUnconfirmedError);
    await expect(ending.delete(OURS, 'key_1')).rejects.toThrow(EnforcementUnconfirmedError);
  });

  test('for good is for who could make such a key: neither one’s role nor the policy keeps its scopes from them', async () => {
    const { happened, ending } = recorded(undefined, { allowedScopesByRole: { ...ANY_SCOPES, developer: ['b:*'] } });
    await expect((async () => ending.delete(person('developer', 'acc_1'), 'key_1'))()).rejects.toThrow(ForbiddenError);
    expect(happened).toEqual([]);
    await ending.delete(OURS, 'key_1');
    expect(happened).toEqual(['deleted', 1, 'erased']);
  });

  test('of another account is taking what does not exist', async () => {
    const { happened, ending } = recorded();
    await expect(ending.revoke(STRANGER, 'key_1')).rejects.toThrow(NotFoundError);
    await expect(ending.delete(STRANGER, 'key_1')).rejects.toThrow(NotFoundError);
    expect(happened).toEqual(['revoked', 'deleted', 'erased']);
  });
});
