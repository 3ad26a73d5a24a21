import { ConfigError, type Environment, parseEnvironment } from './parse.js';
import { VARIABLES } from './variables.js';

const ANY_ADDRESS = '0.0.0.0';
const LOOPBACK = '127.0.0.1';

const admin = {
  MINTMARK_ADMIN_PORT: VARIABLES.MINTMARK_ADMIN_PORT,
  MINTMARK_PUBLIC_URL: VARIABLES.MINTMARK_PUBLIC_URL,
  MINTMARK_TRUSTED_PROXIES: VARIABLES.MINTMARK_TRUSTED_PROXIES,
  MINTMARK_DATA_DIR: VARIABLES.MINTMARK_DATA_DIR,
  MINTMARK_BOOTSTRAP_EMAIL: VARIABLES.MINTMARK_BOOTSTRAP_EMAIL,
  MINTMARK_BOOTSTRAP_PASSWORD: VARIABLES.MINTMARK_BOOTSTRAP_PASSWORD,
};
const verifier = {
  MINTMARK_VERIFIER_GRPC_PORT: VARIABLES.MINTMARK_VERIFIER_GRPC_PORT,
  MINTMARK_VERIFIER_HTTP_PORT: VARIABLES.MINTMARK_VERIFIER_HTTP_PORT,
};
const example = {
  MINTMARK_EXAMPLE_PORT: VARIABLES.MINTMARK_EXAMPLE_PORT,
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
  requireBoth(config);
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
  requireBoth(config);
  return config;
}
export type StandaloneConfig = ReturnType<typeof standaloneConfig>;

function requireBoth(config: {
  MINTMARK_BOOTSTRAP_EMAIL?: string | undefined;
  MINTMARK_BOOTSTRAP_PASSWORD?: string | undefined;
}): void {
  if ((config.MINTMARK_BOOTSTRAP_EMAIL === undefined) !== (config.MINTMARK_BOOTSTRAP_PASSWORD === undefined)) {
    throw new ConfigError('MINTMARK_BOOTSTRAP_EMAIL and MINTMARK_BOOTSTRAP_PASSWORD go together: set both or neither');
  }
}
