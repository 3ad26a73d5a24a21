export {
  adminConfig,
  exampleConfig,
  standaloneConfig,
  verifierConfig,
  type AdminConfig,
  type ExampleConfig,
  type StandaloneConfig,
  type VerifierConfig,
} from './app-configs.js';
export { ConfigError, type Environment } from './parse.js';
export { unknownVariables } from './unknown-variables.js';
export { parsePeppers, type ConfiguredPepper } from './variables.js';
