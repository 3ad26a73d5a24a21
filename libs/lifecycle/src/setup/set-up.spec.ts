import { describe, expect, test } from '@jest/globals';
import {
  type Attribution,
  ConflictError,
  type FirstAccount,
  type InstallationStore,
  isScope,
  isWellFormed,
  type Membership,
  NO_REQUEST,
  PepperRing,
  STARTING_FORMATS,
  tokenSha256,
  UnauthorizedError,
} from '#libs/key-domain';
import { Passwords } from '../people/passwords.js';
import { SetUp } from './set-up.js';

const peppers = new PepperRing([{ id: 'p', key: Buffer.alloc(32, 7) }]);
const REQUEST = { accountName: 'Mint', email: 'owner@mint.example', password: 'correct horse' };

/** An installation in memory. */
class Installation implements InstallationStore {
  first: FirstAccount | null = null;

  constructor(private readonly name = 'installation-1') {}

  id() {
    return Promise.resolve(this.name);
  }

  isSetUp() {
    return Promise.resolve(this.first !== null);
  }

  reconcilePeppers() {
    return Promise.resolve({ missing: [], changed: [] });
  }

  async setUp(first: FirstAccount, _: Attribution, beforeCommit: () => Promise<void>): Promise<Membership> {
    if (this.first !== null) throw new ConflictError('already');
    await beforeCommit();
    this.first = first;
    const { accountId, accountName, personId, email } = first;
    return { accountId, accountName, personId, email, operator: true, accountSuspended: false, role: 'owner' };
  }
}

/** Keeps the service tokens that are handed over. */
function keeper(serviceTokens: string[] = []) {
  return { serviceTokens, handOver: (token: string) => Promise.resolve(void serviceTokens.push(token)) };
}
const { handOver: anybody } = keeper();

const setUpOf = (installation: Installation) => new SetUp(installation, peppers, new Passwords());

describe('setting up', () => {
  test('makes an account with the three formats, the catalogue, and a service key that may verify and nothing else', async () => {
    const installation = new Installation();
    const setUp = setUpOf(installation);
    const { serviceTokens, handOver } = keeper();
    await setUp.withToken(await setUp.token(), REQUEST, NO_REQUEST, handOver);
    const [serviceToken = ''] = serviceTokens;
    const { first } = installation;
    expect(first).toMatchObject({ defaultFormat: 'default', formats: STARTING_FORMATS, email: REQUEST.email });
    expect(first?.scopes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['garments:read', 'customers:read', 'products:all']),
    );
    expect(first?.scopes.every(({ name }) => isScope(name))).toBe(true);
    expect(first?.serviceKey).toMatchObject({ scopes: ['mintmark:tokens:verify'], products: [] });
    expect(first?.serviceKey.secret.digest).toEqual(peppers.digest(tokenSha256(serviceToken)));
    expect(isWellFormed(serviceToken, { formats: STARTING_FORMATS, holdsImported: false })).toBe(true);
  });

  test('keeps neither the password nor the token of the service key', async () => {
    const installation = new Installation();
    const { serviceTokens, handOver } = keeper();
    await setUpOf(installation).perform(REQUEST, handOver);
    const stored = JSON.stringify(installation.first);
    expect(stored).not.toContain(REQUEST.password);
    expect(serviceTokens).toHaveLength(1);
    expect(stored).not.toContain(serviceTokens[0]);
  });

  test('does not happen before the token of the service key is handed over', async () => {
    const installation = new Installation();
    const killed = () => Promise.reject(new Error('killed'));
    await expect(setUpOf(installation).perform(REQUEST, killed)).rejects.toThrow('killed');
    expect(installation.first).toBeNull();
  });

  test('takes the token of this installation alone', async () => {
    const setUp = setUpOf(new Installation());
    const foreign = await setUpOf(new Installation('installation-2')).token();
    for (const token of ['', 'x', foreign])
      await expect(setUp.withToken(token, REQUEST, NO_REQUEST, anybody)).rejects.toThrow(UnauthorizedError);
  });

  test('happens once, whatever the token', async () => {
    const setUp = setUpOf(new Installation());
    await setUp.perform(REQUEST, anybody);
    await expect(setUp.withToken(await setUp.token(), REQUEST, NO_REQUEST, anybody)).rejects.toThrow(ConflictError);
    await expect(setUp.withToken('wrong', REQUEST, NO_REQUEST, anybody)).rejects.toThrow(ConflictError);
  });
});
