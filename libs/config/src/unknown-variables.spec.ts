import { expect, test } from '@jest/globals';
import { unknownVariables } from './unknown-variables.js';
import { VARIABLES } from './variables.js';

test('variables that look like settings and are none are told of by their names alone', () => {
  const misspelt = { MINTMARK_ADMINPORT: '3333', MINTMARK_TRUSTED_PROXY: '10.0.0.0/8', MINTMARK_VERIFIER_PORT: '50051' };
  expect(unknownVariables(misspelt)).toEqual(['MINTMARK_ADMINPORT', 'MINTMARK_TRUSTED_PROXY', 'MINTMARK_VERIFIER_PORT']);
});

test('nobody is told of settings, of what the command and the containers read, and of what is not ours', () => {
  const settings = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, 'any']));
  const others = {
    MINTMARK_MANAGEMENT_KEY: 'k',
    MINTMARK_ADMIN_URL: 'u',
    MINTMARK_DATABASE_PASSWORD: 'p',
    MINTMARK_TEST_RUN: 'r',
  };
  expect(unknownVariables({ ...settings, ...others, MINT: '1', PATH: '/bin' })).toEqual([]);
});

test('nobody is told of what Kubernetes says of a service beside it', () => {
  const links = {
    MINTMARK_SERVICE_HOST: '10.0.0.1',
    MINTMARK_SERVICE_PORT_HTTP: '80',
    MINTMARK_PORT: 'tcp://10.0.0.1:80',
    MINTMARK_PORT_80_TCP_ADDR: '10.0.0.1',
  };
  expect(unknownVariables(links)).toEqual([]);
});
