import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runShell } from '../../support/shell.js';

/** What a curl command of a document got. */
export interface CurlAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: unknown;
}

/**
 * Runs a curl command as a document prints it, the host aside.
 * @param hosts what stands in the document, and the address that it means here
 * @param cookie the session cookie, where the document's text requires a session and its command leaves it out
 */
export async function curl(command: string, hosts: Readonly<Record<string, string>>, cookie?: string): Promise<CurlAnswer> {
  const cwd = await mkdtemp(join(tmpdir(), 'mintmark-curl-'));
  try {
    const here = Object.entries(hosts).reduce((text, [printed, meant]) => text.replaceAll(printed, meant), command);
    const session = cookie === undefined || command.includes('$SESSION') ? '' : ' --cookie "$SESSION"';
    const script = here.replace(/^curl/, `curl -sS --dump-header headers${session}`);
    const result = await runShell(`${script} ; echo; cat headers >&2`, { cwd, env: { SESSION: cookie ?? '' } });
    if (result.exitCode !== 0) throw new Error(`curl exited with ${result.exitCode}: ${result.stderr}`);
    return read(result.stdout, result.stderr);
  } finally {
    await rm(cwd, { recursive: true });
  }
}

function read(body: string, head: string): CurlAnswer {
  const [statusLine = '', ...lines] = head.trim().split(/\r?\n/);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(statusLine.split(' ')[1]), headers: new Map(headers), body: JSON.parse(body) };
}
