import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a secret is, for the message of the check that finds it where it must not be. */
export type SecretKind =
  'token' | 'service-key' | 'password' | 'pepper' | 'session' | 'setup-token' | 'invitation' | 'webhook-secret';

const SHORTEST = 8;

/** Notes a secret that a test has seen, so that the check after the run can look for it in everything that was written. */
export function recordSecret(kind: SecretKind, value: string): void {
  if (value.length < SHORTEST) throw new Error(`a ${kind} this short would be found everywhere`);
  appendFileSync(inRun('secrets.jsonl'), `${JSON.stringify({ kind, value })}\n`);
}

/** Where a process of this run writes its log. */
export function logFile(name: string): string {
  return inRun('logs', `${name}.log`);
}

export function recordMetrics(name: string, text: string): void {
  writeFileSync(inRun('metrics', `${name}.txt`), text);
}

/** Puts a process on the list of those that must not outlive the run; `word` stands in its command line. */
export function noteProcess(pid: number, word: string): void {
  writeFileSync(inRun('processes', String(pid)), word);
}

function inRun(...path: string[]): string {
  const directory = process.env['MINTMARK_TEST_RUN'];
  if (directory === undefined)
    throw new Error('MINTMARK_TEST_RUN is set by test/support/global-setup.js; run this test in the project e2e');
  return join(directory, ...path);
}
