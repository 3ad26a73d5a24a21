import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Command } from '../../support/child.js';
import { startStack } from '../../support/stack.js';
import { embeddedServer, isRunning } from './embedded.js';

const ROOT = join(import.meta.dirname, '../../..');
const NPM_START: Command = ['npm', '--prefix', ROOT, '--silent', 'start'];
const LIMIT_MS = 5_000;

describe('npm start', () => {
  test.each([
    ['SIGTERM to npm itself', 'SIGTERM', undefined],
    ['SIGINT to npm itself', 'SIGINT', undefined],
    ['Ctrl-C, which the terminal sends to npm and to all below it', 'SIGINT', 'group'],
  ] as const)('serves everything, and stops cleanly within 5 s of %s', async (_, signal, to) => {
    const stack = await startStack({ command: NPM_START, database: 'embedded', env: { HOME: process.env['HOME'] ?? '/' } });
    const server = await embeddedServer(stack);
    expect((await fetch(`${stack.exampleUrl}/health/live`)).status).toBe(200);
    expect((await fetch(`${stack.adminUrl}/health/ready`)).status).toBe(200);
    expect((await fetch(`${stack.verifierHttpUrl}/health/ready`)).status).toBe(200);

    const { code, ms } = await stack.kill(signal, to);
    expect({ code, running: isRunning(server) }).toEqual({ code: 0, running: false });
    expect(ms).toBeLessThan(LIMIT_MS);
    expect(stack.logs().filter((line) => line.startsWith('{') && !line.includes('"level":"info"'))).toEqual([]);
    await stack.stop();
  });
});

describe('npm test', () => {
  test('is lint, types, unit, simulation, conformance, e2e, faults and the evidence of e2e, in this order', () => {
    const list = execFileSync('npm', ['--prefix', ROOT, '--silent', 'test', '--', '--list'], { encoding: 'utf8' });
    expect(list.trim().split('\n')).toEqual([
      ...['eslint', 'circles', 'prettier', 'buf', 'proto', 'types', 'page-types'],
      ...['unit', 'simulation', 'conformance', 'e2e', 'faults', 'evidence'],
    ]);
  });
});
