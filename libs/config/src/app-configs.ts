import { ConfigError, type Environment, parseEnvironment } from './parse.js';
import { VARIABLES } from './variables.js';

const ANY_ADDRESS = '0.0.0.0';
const LOOPBACK = '127.0.0.1';

const admin = {
  MINTMARK_ADMIN_PORT: VARIABLES.MINTMARK_ADMIN_PORT,
  MINTMARK_PUBLIC_URL: VARIABLES.MINTMARK_PUBLIC_URL,
  MINTMARK_TRUSTED_PROXIES: VARIABLES.MINTMARK_TRUSTED_PROXIES,
  MINTMARK_GITHUB_KEYS_URL: VARIABLES.MINTMARK_GITHUB_KEYS_URL,
  MINTMARK_DATA_DIR: VARIABLES.MINTMARK_DATA_DIR,
  MINTMARK_WEBHOOK_ALLOW_PRIVATE: VARIABLES.MINTMARK_WEBHOOK_ALLOW_PRIVATE,
  MINTMARK_BOOTSTRAP_EMAIL: VARIABLES.MINTMARK_BOOTSTRAP_EMAIL,
  MINTMARK_BOOTSTRAP_PASSWORD: VARIABLES.MINTMARK_BOOTSTRAP_PASSWORD,
  MINTMARK_OIDC_ISSUER: VARIABLES.MINTMARK_OIDC_ISSUER,
  MINTMARK_OIDC_CLIENT_ID: VARIABLES.MINTMARK_OIDC_CLIENT_ID,
  MINTMARK_OIDC_CLIENT_SECRET: VARIABLES.MINTMARK_OIDC_CLIENT_SECRET,
};
const verifier = {
  MINTMARK_VERIFIER_GRPC_PORT: VARIABLES.MINTMARK_VERIFIER_GRPC_PORT,
  MINTMARK_VERIFIER_HTTP_PORT: VARIABLES.MINTMARK_VERIFIER_HTTP_PORT,
};
const example = {
  MINTMARK_EXAMPLE_PORT: VARIABLES.MINTMARK_EXAMPLE_PORT,
  MINTMARK_EXAMPLE_REFUSALS_PER_MINUTE: VARIABLES.MINTMARK_EXAMPLE_REFUSALS_PER_MINUTE,
  MINTMARK_TRUSTED_PROXIES: VARIABLES.MINTMARK_TRUSTED_PROXIES,
};
const stores = {
  MINTMARK_DATABASE_URL: VARIABLES.MINTMARK_DATABASE_URL,
  MINTMARK_PEPPERS: VARIABLES.MINTMARK_PEPPERS,
  MINTMARK_REDIS_URL: VARIABLES.MINTMARK_REDIS_URL,
};
const host = (fallback: string) => ({ MINTMARK_HOST: VARIABLES.MINTMARK_HOST.default(fallback) });

/** What the admin app runs on. */
export function adminConfig(environment: Environment) {
  const config = parseEnvironment({ ...stores, ...admin, ...host(ANY_ADDRESS) }, environment);
  assertTogether(config);
  return config;
}
export type AdminConfig = ReturnType<typeof adminConfig>;

/** What the verifier app runs on. */
export function verifierConfig(environment: Environment) {
  return parseEnvironment({ ...stores, ...verifier, ...host(ANY_ADDRESS) }, environment);
}
export type VerifierConfig = ReturnType<typeof verifierConfig>;

/** What the example app runs on. */
export function exampleConfig(environment: Environment) {
  const guard = {
    MINTMARK_SERVICE_KEY: VARIABLES.MINTMARK_SERVICE_KEY.unwrap(),
    MINTMARK_VERIFIER_URL: VARIABLES.MINTMARK_VERIFIER_URL,
  };
  return parseEnvironment({ ...example, ...guard, ...host(ANY_ADDRESS) }, environment);
}
export type ExampleConfig = ReturnType<typeof exampleConfig>;

/** What standalone runs on: without a database or peppers it makes its own in the data directory. */
export function standaloneConfig(environment: Environment) {
  const optional = {
    MINTMARK_DATABASE_URL: VARIABLES.MINTMARK_DATABASE_URL.optional(),
    MINTMARK_PEPPERS: VARIABLES.MINTMARK_PEPPERS.optional(),
    MINTMARK_SERVICE_KEY: VARIABLES.MINTMARK_SERVICE_KEY,
    MINTMARK_REDIS_URL: VARIABLES.MINTMARK_REDIS_URL,
  };
  const config = parseEnvironment({ ...admin, ...verifier, ...example, ...optional, ...host(LOOPBACK) }, environment);
  assertTogether(config);
  return config;
}
export type StandaloneConfig = ReturnType<typeof standaloneConfig>;

/** Variables of which one without the others means nothing. */
const TOGETHER = [
  ['MINTMARK_BOOTSTRAP_EMAIL', 'MINTMARK_BOOTSTRAP_PASSWORD'],
  ['MINTMARK_OIDC_ISSUER', 'MINTMARK_OIDC_CLIENT_ID', 'MINTMARK_OIDC_CLIENT_SECRET'],
] as const;

function assertTogether(config: Readonly<Partial<Record<(typeof TOGETHER)[number][number], string | undefined>>>): void {
  for (const names of TOGETHER) {
    const set = names.filter((name) => config[name] !== undefined).length;
    if (set > 0 && set < names.length) throw new ConfigError(`${names.join(', ')} go together: set all of them or none`);
  }
}
