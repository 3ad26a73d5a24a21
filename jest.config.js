const shared = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

/** Real Postgres servers come from test/support/global-setup.js; the projects that need one name it. */
const onPostgres = {
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
};

export default {
  maxWorkers: '100%',
  workerIdleMemoryLimit: '700MB',
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  // For the tests that start whole processes.
  testTimeout: 60_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,bench,libs,scripts}/**/*.spec.ts', '<rootDir>/test/{lint,compose}/**/*.spec.ts'],
    },
    { ...shared, ...onPostgres, displayName: 'conformance', testMatch: ['<rootDir>/test/conformance/**/*.spec.ts'] },
    { ...shared, ...onPostgres, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'] },
    { ...shared, displayName: 'simulation', testMatch: ['<rootDir>/test/simulation/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'faults',
      testMatch: ['<rootDir>/test/faults/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/faults/set-up.js',
      globalTeardown: '<rootDir>/test/faults/tear-down.js',
    },
    { ...shared, displayName: 'evidence', testMatch: ['<rootDir>/test/evidence/**/*.spec.ts'] },
  ],
};
