/** How the body of a token is written. */
export const BODY_ENCODINGS = ['base62', 'hex64'] as const;
export type BodyEncoding = (typeof BODY_ENCODINGS)[number];

/** The shape of the tokens that an account mints: `<prefix>[_<environment>]_<body>`. */
export interface KeyFormat {
  /** Unique within the account, e.g. `default`. */
  readonly name: string;
  /** What a token begins with, without the underscore, e.g. `mm`. */
  readonly prefix: string;
  /** The environments a key of this format may belong to, the default one first; empty: its tokens name none. */
  readonly environments: readonly string[];
  readonly encoding: BodyEncoding;
}

/** The formats every account starts with; `garmint` and `keymint` are those of the systems their users come from. */
export const STARTING_FORMATS: readonly KeyFormat[] = [
  { name: 'default', prefix: 'mm', environments: ['live', 'test'], encoding: 'base62' },
  { name: 'garmint', prefix: 'gm', environments: ['live', 'test'], encoding: 'hex64' },
  { name: 'keymint', prefix: 'at', environments: [], encoding: 'base62' },
];

/** Formats of an account. Every text that may be a token is held against all of them, and guards are told all of them. */
export const MAX_FORMATS = 20;

/** Grammar of a prefix and of an environment: no underscore, since that divides the parts of a token. */
export const FORMAT_WORD = /^[a-z][a-z0-9]{0,15}$/;

/** Everything that stands before the body, underscore included. */
export function tokenHead(format: KeyFormat, environment: string | null): string {
  return environment === null ? `${format.prefix}_` : `${format.prefix}_${environment}_`;
}
