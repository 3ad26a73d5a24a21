import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeFollower,
  type FoundSecret,
  type KeyRecord,
  lookupHandle,
  type PepperedDigest,
  PepperRing,
  type ReadStamp,
  SecretLookup,
} from '#libs/key-domain';
import { DigestMoves } from './digest-moves.js';
import { type PresentedSecret, sha256Of } from './presented-secret.js';
import { SecretMemory } from './secret-memory.js';

/** What is known of a presented secret, by memory or by the store. */
export interface KnownSecret {
  /** Null: there is none. */
  readonly record: KeyRecord | null;
  /** Postgres' clock as late as it may be, in milliseconds since the Unix epoch. */
  readonly now: number;
  /** How far changes had been applied before it became known; null: it must not be kept. */
  readonly stamp: ReadStamp | null;
}

/** One reading of the store, for several secrets. */
interface Flight {
  readonly stamp: ReadStamp | null;
  readonly landed: Promise<Landed>;
}

interface Landed {
  readonly now: number;
  readonly records: ReadonlyMap<string, KeyRecord>;
}

/**
 * Finds out what secrets stand for: from memory while a lease lasts, otherwise by reading the primary. A reading that
 * another question began may serve too, if nothing has changed since before it began.
 */
@Injectable()
export class SecretReading {
  readonly #flights = new Map<string, Flight>();

  constructor(
    @Inject(SecretLookup) private readonly lookup: SecretLookup,
    @Inject(ChangeFollower) private readonly changes: ChangeFollower,
    private readonly memory: SecretMemory,
    private readonly peppers: PepperRing,
    private readonly moves: DigestMoves,
  ) {
    changes.follow(memory);
  }

  /** Of every secret, in their order, without any wait; null: memory does not know all of them, or may not answer. */
  remembered(secrets: readonly PresentedSecret[]): readonly KnownSecret[] | null {
    if (!this.changes.mayAnswerFromMemory()) return null;
    const now = this.changes.storeTime();
    const stamp = this.changes.stamp();
    const known: KnownSecret[] = [];
    for (const { name } of secrets) {
      const record = name === '' ? null : this.memory.get(name);
      if (record === undefined) return null;
      known.push({ record, now, stamp });
    }
    return known;
  }

  /**
   * Of every secret, in their order.
   * @param unvouched those of them of which nobody knows yet whether he who asks may: where one is missing, that is not
   * remembered before {@link rememberMissing} is called
   * @throws UnavailableError
   */
  async read(secrets: readonly PresentedSecret[], unvouched: readonly PresentedSecret[] = NONE): Promise<readonly KnownSecret[]> {
    const known = new Map<string, KnownSecret>();
    const shared = new Map<string, Flight>();
    const own: PresentedSecret[] = [];
    for (const secret of secrets) {
      const flight = this.#flights.get(secret.name);
      if (secret.name === '' || this.#recall(secret, known)) continue;
      if (flight !== undefined && this.changes.mayAnswerFromMemory()) shared.set(secret.name, flight);
      else own.push(secret);
    }
    if (shared.size === 0) await this.#take(own, unvouched, known);
    else {
      await Promise.all([this.#take(own, unvouched, known), ...[...shared.values()].map(({ landed }) => landed)]);
      await this.#take(await this.#unshareable(secrets, shared, known), unvouched, known);
    }
    return secrets.map(({ name }) => known.get(name) ?? UNREAD);
  }

  /** Remembers those that were read and are missing, where that still holds. */
  rememberMissing(secrets: readonly PresentedSecret[], known: readonly KnownSecret[]): void {
    for (const [index, secret] of secrets.entries()) {
      const { record, stamp } = known[index] ?? UNREAD;
      if (record !== null || stamp === null || this.memory.get(secret.name) !== undefined) continue;
      if (this.#isUnchanged(stamp, secret, null)) this.#keep(secret, this.#digestsOf(secret), undefined);
    }
  }

  #recall({ name }: PresentedSecret, known: Map<string, KnownSecret>): boolean {
    if (!this.changes.mayAnswerFromMemory()) return false;
    const record = this.memory.get(name);
    if (record === undefined) return false;
    known.set(name, { record, now: this.changes.storeTime(), stamp: this.changes.stamp() });
    return true;
  }

  /** Takes what others' readings found, and returns the secrets of which they may be out of date by now. */
  async #unshareable(
    secrets: readonly PresentedSecret[],
    shared: ReadonlyMap<string, Flight>,
    known: Map<string, KnownSecret>,
  ): Promise<readonly PresentedSecret[]> {
    const left: PresentedSecret[] = [];
    for (const secret of secrets) {
      const flight = shared.get(secret.name);
      if (flight === undefined) continue;
      const { records, now } = await flight.landed;
      const record = records.get(secret.name) ?? null;
      if (this.changes.mayAnswerFromMemory() && this.#isUnchanged(flight.stamp, secret, record)) {
        known.set(secret.name, { record, now: Math.max(now, this.changes.storeTime()), stamp: flight.stamp });
      } else left.push(secret);
    }
    return left;
  }

  async #take(
    secrets: readonly PresentedSecret[],
    unvouched: readonly PresentedSecret[],
    known: Map<string, KnownSecret>,
  ): Promise<void> {
    if (secrets.length === 0) return;
    const { stamp, landed } = this.#fly(secrets, unvouched);
    const { records, now } = await landed;
    for (const { name } of secrets) known.set(name, { record: records.get(name) ?? null, now, stamp });
  }

  /** Begins to read; others may join until it has landed. */
  #fly(secrets: readonly PresentedSecret[], unvouched: readonly PresentedSecret[]): Flight {
    const stamp = this.changes.stamp();
    const flight = { stamp, landed: this.#lookUp(secrets, unvouched, stamp) };
    for (const { name } of secrets) this.#flights.set(name, flight);
    const end = () => {
      for (const { name } of secrets) if (this.#flights.get(name) === flight) this.#flights.delete(name);
    };
    flight.landed.then(end, end);
    return flight;
  }

  async #lookUp(
    secrets: readonly PresentedSecret[],
    unvouched: readonly PresentedSecret[],
    stamp: ReadStamp | null,
  ): Promise<Landed> {
    const asked = secrets.map((secret) => ({ secret, digests: this.#digestsOf(secret) }));
    const { found, now } = await this.lookup.find(asked.flatMap(({ digests }) => digests.map(({ digest }) => digest)));
    const byDigest = new Map(found.map((one) => [nameOf(one), one]));
    const records = new Map<string, KeyRecord>();
    for (const { secret, digests } of asked) {
      const one = digests.map((digest) => byDigest.get(nameOf(digest))).find((match) => match !== undefined);
      if (one !== undefined) {
        records.set(secret.name, one.record);
        this.moves.consider(one, digests);
      }
      if (one === undefined && unvouched.includes(secret)) continue;
      if (this.#isUnchanged(stamp, secret, one?.record ?? null)) this.#keep(secret, digests, one);
    }
    return { now, records };
  }

  #keep({ name }: PresentedSecret, digests: readonly PepperedDigest[], found: FoundSecret | undefined): void {
    if (found !== undefined) this.memory.setFound(name, found.record);
    else this.memory.setMissing(name, handlesOf(digests));
  }

  #isUnchanged(stamp: ReadStamp | null, secret: PresentedSecret, record: KeyRecord | null): boolean {
    if (stamp === null) return false;
    const subject = record ?? { handles: handlesOf(this.#digestsOf(secret)) };
    return this.changes.isUnchangedSince(stamp, subject);
  }

  #digestsOf(secret: PresentedSecret): readonly PepperedDigest[] {
    return secret.name === '' ? [] : this.peppers.digests(sha256Of(secret));
  }
}

const NONE: readonly PresentedSecret[] = [];

/** Of what can be no token, nothing is looked up. */
const UNREAD: KnownSecret = { record: null, now: 0, stamp: null };

function handlesOf(digests: readonly PepperedDigest[]): readonly string[] {
  return digests.map(({ digest }) => lookupHandle(digest));
}

/** A digest counts only under the pepper that it was made with. */
function nameOf({ pepperId, digest }: { readonly pepperId: string; readonly digest: Uint8Array }): string {
  const bytes = Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength);
  return `${pepperId}:${bytes.toString('latin1')}`;
}
