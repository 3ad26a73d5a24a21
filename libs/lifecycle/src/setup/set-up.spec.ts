import { describe, expect, test } from '@jest/globals';
import {
  ConflictError,
  type FirstAccount,
  type InstallationStore,
  isScope,
  isWellFormed,
  type Membership,
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

  setUp(first: FirstAccount): Promise<Membership> {
    if (this.first !== null) return Promise.reject(new ConflictError('already'));
    this.first = first;
    const { accountId, accountName, personId, email } = first;
    return Promise.resolve({ accountId, accountName, personId, email, operator: true, role: 'owner' });
  }
}

const setUpOf = (installation: Installation) => new SetUp(installation, peppers, new Passwords());

describe('setting up', () => {
  test('makes an account with the three formats, the catalogue, and a service key that may verify and nothing else', async () => {
    const installation = new Installation();
    const setUp = setUpOf(installation);
    const { serviceToken } = await setUp.withToken(await setUp.token(), REQUEST);
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
    const { serviceToken } = await setUpOf(installation).perform(REQUEST);
    const stored = JSON.stringify(installation.first);
    expect(stored).not.toContain(REQUEST.password);
    expect(stored).not.toContain(serviceToken);
  });

  test('takes the token of this installation alone', async () => {
    const setUp = setUpOf(new Installation());
    const foreign = await setUpOf(new Installation('installation-2')).token();
    for (const token of ['', 'x', foreign]) await expect(setUp.withToken(token, REQUEST)).rejects.toThrow(UnauthorizedError);
  });

  test('happens once, whatever the token', async () => {
    const setUp = setUpOf(new Installation());
    await setUp.perform(REQUEST);
    await expect(setUp.withToken(await setUp.token(), REQUEST)).rejects.toThrow(ConflictError);
    await expect(setUp.withToken('wrong', REQUEST)).rejects.toThrow(ConflictError);
  });
});
