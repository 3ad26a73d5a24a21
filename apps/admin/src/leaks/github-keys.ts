import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { type Clock, UnavailableError } from '#libs/key-domain';
import type { Log } from '#libs/observability';

const FETCH_LIMIT_MS = 5_000;
/** The keys are asked for once in this time at most, whatever anybody sends. */
const PAUSE_MS = 60_000;
/** Older ones are asked for again, so that one that GitHub has withdrawn is not accepted for ever. */
const FRESH_MS = 3_600_000;

const published = z.object({ public_keys: z.array(z.object({ key_identifier: z.string(), key: z.string() })).max(1_000) });

/** The keys by which GitHub signs what its secret scanning reports, fetched where they are needed and kept. */
export class GithubKeys {
  #keys: ReadonlyMap<string, KeyObject> | null = null;
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #fetching: Promise<void> | null = null;

  constructor(
    private readonly url: string,
    private readonly clock: Clock,
    private readonly log: Pick<Log, 'warn'>,
  ) {}

  /**
   * Null: GitHub has no such key, as far as could be learned in the last minute.
   * @throws UnavailableError while no keys could be fetched at all
   */
  async find(identifier: string): Promise<KeyObject | null> {
    const isStale = this.clock.monotonic() - this.#fetchedAt > FRESH_MS;
    if (isStale || this.#keys?.has(identifier) !== true) await this.#refresh();
    if (this.#keys === null) throw new UnavailableError('The keys of GitHub cannot be had at the moment.');
    return this.#keys.get(identifier) ?? null;
  }

  #refresh(): Promise<void> {
    const isEarly = this.clock.monotonic() - this.#triedAt < PAUSE_MS;
    if (this.#fetching === null && isEarly) return Promise.resolve();
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  /** What was fetched before stays where that fails. */
  async #fetch(): Promise<void> {
    this.#triedAt = this.clock.monotonic();
    try {
      this.#keys = readKeys(await textAt(this.url));
      this.#fetchedAt = this.#triedAt;
    } catch (error) {
      this.log.warn({ err: error }, 'the keys of GitHub could not be fetched; it is tried again in a minute');
    }
  }
}

/** @throws Error for any answer but 200 */
async function textAt(url: string): Promise<string> {
  const headers = { accept: 'application/json', 'user-agent': 'mintmark' };
  const answer = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(FETCH_LIMIT_MS) });
  if (answer.status !== 200) throw new Error(`answered with ${answer.status}`);
  return answer.text();
}

/** @throws Error for what is no list of keys */
function readKeys(text: string): ReadonlyMap<string, KeyObject> {
  const { public_keys: keys } = published.parse(JSON.parse(text));
  return new Map(
    keys.flatMap(({ key_identifier: identifier, key }) => {
      const parsed = p256KeyOf(key);
      return parsed === null ? [] : [[identifier, parsed] as const];
    }),
  );
}

/** Null for a key of another kind, which a signature is not checked by. */
function p256KeyOf(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}
