import { spawn } from 'node:child_process';

/** How a script ended. */
export interface ShellResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longest a script may run, in milliseconds; it is killed after that. */
const LIMIT_MS = 30_000;

/** Runs a script in bash with `-eu`, in a directory and with variables of its own, as a reader of a document would. */
export async function runShell(
  script: string,
  options: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<ShellResult> {
  const child = spawn('bash', ['-eu', '-o', 'pipefail', '-c', script], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { exitCode, stdout, stderr };
}
