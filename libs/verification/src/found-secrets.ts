import type { FoundSecret, SecretLookup } from '#libs/key-domain';
import type { PresentedSecret } from './presented-secret.js';

/** What one look-up found, by what was presented. */
export class FoundSecrets {
  readonly #byDigest: ReadonlyMap<string, FoundSecret>;

  private constructor(
    found: readonly FoundSecret[],
    /** The store's clock, in milliseconds since the Unix epoch. */
    readonly now: number,
  ) {
    this.#byDigest = new Map(found.map((secret) => [nameOf(secret), secret]));
  }

  /**
   * Looks them all up at once.
   * @throws UnavailableError
   */
  static async lookUp(lookup: SecretLookup, presented: readonly PresentedSecret[]): Promise<FoundSecrets> {
    const { found, now } = await lookup.find(presented.flatMap(({ digests }) => digests?.map(({ digest }) => digest) ?? []));
    return new FoundSecrets(found, now);
  }

  of({ digests }: PresentedSecret): FoundSecret | null {
    for (const digest of digests ?? []) {
      const secret = this.#byDigest.get(nameOf(digest));
      if (secret !== undefined) return secret;
    }
    return null;
  }
}

/** A digest counts only under the pepper that it was made with. */
function nameOf({ pepperId, digest }: { readonly pepperId: string; readonly digest: Uint8Array }): string {
  const bytes = Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength);
  return `${pepperId}:${bytes.toString('base64')}`;
}
