import { z } from 'zod';

/** A port to listen on; 0 takes any free one. */
const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((value) => value <= 65_535)
    .default(fallback)
    .describe('a port from 0 (any free one) to 65535');

const cidrList = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .pipe(z.array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()])))
  .default([])
  .describe('CIDR ranges, separated by commas');

const httpUrl = z.url({ protocol: /^https?$/ });

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Over plain HTTP anybody between could vouch for anybody. */
const confidentialUrl = httpUrl.refine((text) => {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || LOOPBACK_HOSTS.has(hostname);
});

const peppers = z
  .string()
  .transform((text, context) => parsePeppers(text) ?? reject(context))
  .describe('id:base64,id:base64, up to 7 with at least 32 bytes each and ids of their own, the current one first');

/** Every variable that Mintmark reads, with what it takes. */
export const VARIABLES = {
  MINTMARK_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).describe('a postgresql:// URL'),
  MINTMARK_DATA_DIR: z.string().min(1).default('.mintmark').describe('a directory'),
  MINTMARK_HOST: z.union([z.ipv4(), z.ipv6()]).describe('an IP address to listen on'),
  MINTMARK_ADMIN_PORT: port(3000),
  MINTMARK_VERIFIER_GRPC_PORT: port(50051),
  MINTMARK_VERIFIER_HTTP_PORT: port(3001),
  MINTMARK_EXAMPLE_PORT: port(3002),
  MINTMARK_EXAMPLE_REFUSALS_PER_MINUTE: z
    .string()
    .regex(/^\d{1,7}$/)
    .transform(Number)
    .refine((value) => value <= 1_000_000)
    .default(100)
    .describe('a number from 0 (any) to 1000000'),
  MINTMARK_PUBLIC_URL: httpUrl.optional().describe('an http:// or https:// URL'),
  MINTMARK_TRUSTED_PROXIES: cidrList,
  MINTMARK_GITHUB_KEYS_URL: httpUrl
    .default('https://api.github.com/meta/public_keys/secret_scanning')
    .describe('an http:// or https:// URL'),
  MINTMARK_WEBHOOK_ALLOW_PRIVATE: cidrList,
  MINTMARK_PEPPERS: peppers,
  MINTMARK_BOOTSTRAP_EMAIL: z.email().optional().describe('an e-mail address'),
  MINTMARK_BOOTSTRAP_PASSWORD: z.string().min(8).max(256).optional().describe('8 to 256 characters'),
  MINTMARK_OIDC_ISSUER: confidentialUrl.optional().describe('an https:// URL, or an http:// URL of this machine'),
  MINTMARK_OIDC_CLIENT_ID: z.string().min(1).optional().describe('the id that Mintmark is registered by'),
  MINTMARK_OIDC_CLIENT_SECRET: z.string().min(1).optional().describe('the secret that goes with it'),
  MINTMARK_SERVICE_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('a service key: the token of a key with the scope mintmark:tokens:verify'),
  MINTMARK_VERIFIER_URL: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(httpUrl).min(1))
    .default(['http://127.0.0.1:50051'])
    .describe('http:// or https:// URLs, separated by commas'),
  MINTMARK_REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe('a redis:// or rediss:// URL'),
} as const;

/** The variables whose values are never shown. */
export const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  'MINTMARK_DATABASE_URL',
  'MINTMARK_REDIS_URL',
  'MINTMARK_PEPPERS',
  'MINTMARK_BOOTSTRAP_PASSWORD',
  'MINTMARK_OIDC_CLIENT_SECRET',
  'MINTMARK_SERVICE_KEY',
]);

/** A pepper as the variable writes it. */
export interface ConfiguredPepper {
  readonly id: string;
  readonly key: Buffer;
}

const MIN_PEPPER_BYTES = 32;
/** Every pepper is one more digest to look up for each token: a batch of 1,000 tokens asks for 8,000 at the most. */
const MAX_PEPPERS = 7;
const PEPPER = /^([A-Za-z0-9_.-]{1,32}):([A-Za-z0-9+/]+={0,2})$/;

/** Reads `id:base64,id:base64`; null where it is not of that form. */
export function parsePeppers(text: string): [ConfiguredPepper, ...ConfiguredPepper[]] | null {
  const read = text.trim().split(',').map(parsePepper);
  const found = read.filter((pepper) => pepper !== null);
  const [first, ...rest] = found;
  const distinct = new Set(found.map((pepper) => pepper.id)).size;
  if (first === undefined || found.length < read.length || distinct < found.length) return null;
  return found.length > MAX_PEPPERS ? null : [first, ...rest];
}

function parsePepper(text: string): ConfiguredPepper | null {
  const [, id, base64] = PEPPER.exec(text.trim()) ?? [];
  if (id === undefined || base64 === undefined) return null;
  const key = Buffer.from(base64, 'base64');
  return key.length < MIN_PEPPER_BYTES ? null : { id, key };
}

function reject(context: z.core.$RefinementCtx): never {
  context.addIssue({ code: 'custom', message: 'not of that form' });
  return z.NEVER;
}
