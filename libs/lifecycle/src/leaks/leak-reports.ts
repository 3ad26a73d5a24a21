import { Inject, Injectable } from '@nestjs/common';
import {
  bySystem,
  type CommittedChange,
  Enforcement,
  isPlausibleToken,
  type KeyRecord,
  KeyStore,
  type LeakPlace,
  PepperRing,
  type RequestOrigin,
  SecretLookup,
  tokenSha256,
} from '#libs/key-domain';

/** Most tokens of a report: with every pepper an installation may have, their digests are found in one question. */
export const MAX_REPORTED_TOKENS = 1_000;

/** Most places that the record keeps of a token. */
const PLACES = 20;

/** Most characters that the record keeps of where a token was found. */
const PLACE_LENGTH = 1_000;

/** A text that somebody found in a public place and takes for a token. */
export interface ReportedToken extends LeakPlace {
  readonly token: string;
}

interface Leak {
  readonly record: KeyRecord;
  readonly places: LeakPlace[];
}

/** Takes keys out of use whose tokens everybody can read, whichever account they belong to. */
@Injectable()
export class LeakReports {
  constructor(
    @Inject(SecretLookup) private readonly lookup: SecretLookup,
    @Inject(KeyStore) private readonly keys: KeyStore,
    @Inject(PepperRing) private readonly peppers: PepperRing,
    @Inject(Enforcement) private readonly enforcement: Enforcement,
  ) {}

  /**
   * Revokes the keys of those tokens that are accepted still, as `key_compromise`; answers when that is in force.
   * @param reported up to {@link MAX_REPORTED_TOKENS}
   * @returns for each, in order, whether it is a token of this installation at all, accepted or not
   * @throws EnforcementUnconfirmedError
   */
  async take(reported: readonly ReportedToken[], origin: RequestOrigin): Promise<readonly boolean[]> {
    const leaks = await this.#find(reported);
    const by = bySystem('leaks', origin);
    const changes: (CommittedChange | null)[] = [];
    for (const { record, places } of leaks.values()) {
      const { accountId, keyId, secretId } = record;
      const changed = await this.keys.revokeLeaked(accountId, keyId, { secretId, places }, by);
      changes.push(changed?.change ?? (await this.keys.lastChange(accountId, keyId)));
    }
    await Promise.all(changes.filter((change) => change !== null).map((change) => this.enforcement.enforce(change)));
    return reported.map(({ token }) => leaks.has(token));
  }

  /** By token, each secret once. */
  async #find(reported: readonly ReportedToken[]): Promise<ReadonlyMap<string, Leak>> {
    const tokens = new Map<string, string>();
    for (const { token } of reported.filter(({ token }) => isPlausibleToken(token)))
      for (const { digest } of this.peppers.digests(tokenSha256(token))) tokens.set(digest.toString('hex'), token);
    const { found } = await this.lookup.find([...tokens.keys()].map((digest) => Buffer.from(digest, 'hex')));

    const leaks = new Map<string, Leak>();
    for (const { digest, record } of found) {
      const token = tokens.get(Buffer.from(digest).toString('hex'));
      if (token !== undefined && !leaks.has(token)) leaks.set(token, { record, places: placesOf(token, reported) });
    }
    return leaks;
  }
}

/** Where a token was found, told without the token itself, which may stand in an address. */
function placesOf(token: string, reported: readonly ReportedToken[]): LeakPlace[] {
  const without = (text: string) =>
    [token, encodeURIComponent(token)].reduce((rest, secret) => rest.replaceAll(secret, '…'), text).slice(0, PLACE_LENGTH);
  return reported
    .filter((one) => one.token === token)
    .slice(0, PLACES)
    .map(({ url, source, type }) => ({ url: without(url), source: without(source), type: without(type) }));
}
