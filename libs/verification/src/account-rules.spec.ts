import { beforeEach, describe, expect, test } from '@jest/globals';
import { type TokenRules, UnavailableError } from '#libs/key-domain';
import { AccountRules } from './account-rules.js';
import { ScriptedChanges } from './scripted-changes.fixture.js';

const RULES: TokenRules = { formats: [], holdsImported: false };
const OF_ACCOUNT = { kind: 'account', accountId: 'acc' } as const;

let changes: ScriptedChanges;
let rules: AccountRules;
let reads: number;
let during: () => void;

beforeEach(() => {
  changes = new ScriptedChanges();
  reads = 0;
  during = () => undefined;
  const rulesOf = async () => {
    reads += 1;
    await Promise.resolve();
    during();
    return RULES;
  };
  rules = new AccountRules({ rulesOf }, changes);
});

describe('the rules of an account', () => {
  test('are remembered once they were read', async () => {
    expect(rules.remembered('acc')).toBeNull();
    await rules.read('acc');
    expect([rules.remembered('acc'), rules.remembered('other'), reads]).toEqual([RULES, null, 1]);
  });

  test.each([
    ['without a lease', () => (changes.leased = false)],
    ['after a change of the account', () => changes.change(OF_ACCOUNT)],
    ['after a change of everything', () => changes.change({ kind: 'all' })],
    ['after the place in the log was lost', () => changes.rejoin('e2', 0)],
  ])('are not answered from memory %s', async (_, happen) => {
    await rules.read('acc');
    happen();
    expect(rules.remembered('acc')).toBeNull();
  });

  test('outlast changes of keys and of other accounts', async () => {
    await rules.read('acc');
    changes.change({ kind: 'key', accountId: 'acc', keyId: 'key' });
    changes.change({ kind: 'account', accountId: 'other' });
    expect(rules.remembered('acc')).toBe(RULES);
  });

  test.each([
    ['the account changed', () => changes.change(OF_ACCOUNT)],
    ['the place in the log was lost', () => changes.rejoin('e2', 0)],
    ['the log is not followed', () => (changes.index = null)],
  ])('are answered and not remembered where %s while they were read', async (_, happen) => {
    during = happen;
    expect(await rules.read('acc')).toBe(RULES);
    expect(rules.remembered('acc')).toBeNull();
  });

  test('that can not be read are an error, and no rules', async () => {
    const away = new UnavailableError('away');
    during = () => {
      throw away;
    };
    await expect(rules.read('acc')).rejects.toBe(away);
    expect(rules.remembered('acc')).toBeNull();
  });
});
