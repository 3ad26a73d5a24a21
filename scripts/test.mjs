// Runs the checks of this repository one after the other: all of them, or those named as arguments. Goes on after
// a failure, tells at the end what failed, and exits 1 if anything did. `--list` only names them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureReady } from './ensure-ready.mjs';
import { requireRedis } from './redis-program.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join('node_modules/.bin', name);
const jest = (...projects) => [
  process.execPath,
  '--experimental-vm-modules',
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  '--selectProjects',
  ...projects,
];

const CHECKS = {
  eslint: [bin('eslint'), '.'],
  circles: [process.execPath, 'scripts/lint/import-circles.js'],
  prettier: [bin('prettier'), '--check', '--log-level=warn', '.'],
  buf: [bin('buf'), 'lint'],
  proto: [process.execPath, 'scripts/proto-check.mjs'],
  types: [bin('tsc'), '--noEmit'],
  'page-types': [bin('tsc'), '--noEmit', '-p', 'apps/dashboard'],
  unit: jest('unit'),
  simulation: jest('simulation'),
  conformance: jest('conformance'),
  e2e: jest('e2e'),
  faults: [...jest('faults'), '--maxWorkers=1'],
  evidence: jest('evidence'),
};
/** Checks that start a Redis, beside the Postgres that comes with the dependencies. */
const ON_SERVERS = ['conformance', 'e2e'];
const GROUPS = { lint: ['eslint', 'circles', 'prettier', 'buf', 'proto'] };

const asked = process.argv.slice(2).flatMap((name) => GROUPS[name] ?? [name]);
if (asked.includes('--list')) {
  process.stdout.write(`${Object.keys(CHECKS).join('\n')}\n`);
} else {
  const names = asked.length === 0 ? Object.keys(CHECKS) : asked;
  ensureReady();
  if (names.some((name) => ON_SERVERS.includes(name))) requireRedis();
  runAll(names);
}

function runAll(names) {
  const run = join(ROOT, 'test/.artifacts', `run-${Date.now()}-${process.pid}`);
  mkdirSync(run, { recursive: true });
  const results = names.map((name) => ({ name, ...runCheck(name, { MINTMARK_TEST_RUN: run }) }));
  const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
  for (const { name, passed, seconds } of results)
    process.stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name}  ${seconds.toFixed(1)} s\n`);
  const tests = (status) => results.reduce((sum, { counts }) => sum + (counts?.[status] ?? 0), 0);
  process.stdout.write(`checks: ${results.length - failed.length} passed, ${failed.length} failed\n`);
  process.stdout.write(
    `tests: ${tests('numPassedTests')} passed, ${tests('numFailedTests')} failed, ${tests('numPendingTests')} skipped\n`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function runCheck(name, environment) {
  const command = CHECKS[name];
  if (command === undefined) throw new Error(`no check ${name}; there are ${Object.keys(CHECKS).join(', ')}`);
  process.stdout.write(`\n— ${name}\n`);
  const start = performance.now();
  const isJest = command.includes('--selectProjects');
  const report = join(environment.MINTMARK_TEST_RUN, `${name}.json`);
  const [program, ...args] = isJest ? [...command, '--json', `--outputFile=${report}`] : command;
  const stdout = isJest ? 'ignore' : 'inherit';
  const { status, error } = spawnSync(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', stdout, 'inherit'],
  });
  if (error !== undefined) throw error;
  return { passed: status === 0, seconds: (performance.now() - start) / 1000, counts: isJest ? countsOf(report) : null };
}

function countsOf(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
