import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  bySystem,
  ConflictError,
  InstallationStore,
  type Membership,
  NO_REQUEST,
  PepperRing,
  type RequestOrigin,
  tokenSha256,
  UnauthorizedError,
} from '#libs/key-domain';
import { Passwords } from '../people/passwords.js';
import { planFirstAccount } from './first-account.js';

export interface SetUpRequest {
  readonly accountName: string;
  readonly email: string;
  readonly password: string;
}

/**
 * Takes the token of the key by which the account's services verify; it is shown nowhere else. Called before the
 * set-up is committed: a kill at any moment may leave a token of no set-up, which the next one replaces, but no
 * set-up without its token.
 */
export type HandOver = (serviceToken: string) => Promise<void>;

/** The first run of an installation: its first account, with an owner who is operator too. */
@Injectable()
export class SetUp {
  #isDone = false;

  constructor(
    @Inject(InstallationStore) private readonly installation: InstallationStore,
    @Inject(PepperRing) private readonly peppers: PepperRing,
    private readonly passwords: Passwords,
  ) {}

  /** Once it is, the store is not asked any more. */
  async isDone(): Promise<boolean> {
    this.#isDone ||= await this.installation.isSetUp();
    return this.#isDone;
  }

  /**
   * What the person in front of a new installation proves themselves with. Derived and stored nowhere, so that
   * every process of the installation takes the same one.
   */
  async token(): Promise<string> {
    return this.peppers.derive(`setup ${await this.installation.id()}`).toString('base64url');
  }

  /**
   * @throws ConflictError once the installation is set up, whatever the token
   * @throws UnauthorizedError for a wrong token
   */
  async withToken(setupToken: string, request: SetUpRequest, origin: RequestOrigin, handOver: HandOver): Promise<Membership> {
    if (await this.isDone()) throw new ConflictError(DONE);
    const right = timingSafeEqual(tokenSha256(setupToken), tokenSha256(await this.token()));
    if (!right) throw new UnauthorizedError('Wrong set-up token. The link is printed when Mintmark starts.');
    return this.#perform(request, origin, handOver);
  }

  /**
   * Without a token, for whoever starts the process.
   * @throws ConflictError when it is set up already; of any number of concurrent calls one succeeds
   */
  perform(request: SetUpRequest, handOver: HandOver): Promise<Membership> {
    return this.#perform(request, NO_REQUEST, handOver);
  }

  async #perform(request: SetUpRequest, origin: RequestOrigin, handOver: HandOver): Promise<Membership> {
    const { accountName, email } = request;
    const passwordHash = await this.passwords.hash(request.password);
    const { first, serviceToken } = planFirstAccount({ accountName, email, passwordHash }, this.peppers);
    return this.installation.setUp(first, bySystem('setup', origin), () => handOver(serviceToken));
  }
}

const DONE = 'Mintmark is set up already.';
