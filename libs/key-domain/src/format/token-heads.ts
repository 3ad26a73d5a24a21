import { type BodyEncoding, type KeyFormat, tokenHead } from './key-format.js';

/** What a token tells about itself. */
export interface ParsedToken {
  readonly format: KeyFormat;
  readonly environment: string | null;
}

/**
 * What stands before the body in the tokens of some formats, found by what it is: a text is not held against one format
 * after the other. The first format of a head has it.
 */
export class TokenHeads {
  static readonly #known = new WeakMap<readonly KeyFormat[], TokenHeads>();

  /** Those of the same list of formats are made once. */
  static of(formats: readonly KeyFormat[]): TokenHeads {
    const known = TokenHeads.#known.get(formats);
    if (known !== undefined) return known;
    const heads = new TokenHeads(formats);
    TokenHeads.#known.set(formats, heads);
    return heads;
  }

  readonly #heads: Readonly<Record<BodyEncoding, Map<string, ParsedToken>>> = { base62: new Map(), hex64: new Map() };

  private constructor(formats: readonly KeyFormat[]) {
    for (const format of formats) {
      for (const environment of format.environments.length === 0 ? [null] : format.environments) {
        const heads = this.#heads[format.encoding];
        const head = tokenHead(format, environment);
        if (!heads.has(head)) heads.set(head, { format, environment });
      }
    }
  }

  find(encoding: BodyEncoding, head: string): ParsedToken | null {
    return this.#heads[encoding].get(head) ?? null;
  }
}
