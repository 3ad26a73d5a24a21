import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLine } from '../../../apps/standalone/src/other-process/other-process.js';
import { signIn } from '../../support/admin-client.js';
import type { Stack } from '../../support/stack.js';

/** What a stack's embedded Postgres notes of itself. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

export async function embeddedServer(stack: Stack): Promise<RunningServer> {
  const [pid, , , port] = (await readFile(join(stack.dataDirectory, 'postgres/postmaster.pid'), 'utf8')).split('\n');
  return { pid: Number(pid), port: Number(port) };
}

export function isRunning({ pid }: RunningServer): boolean {
  return commandLine(pid).some((word) => word.endsWith('/postgres'));
}

export async function mintGarmentKey(stack: Stack): Promise<string> {
  const admin = await signIn(stack);
  const { status, body } = await admin.post('/keys', { name: 'garments', scopes: ['garments:read'] });
  if (status !== 201) throw new Error(`not minted: ${status} ${JSON.stringify(body)}`);
  return (body as { key: string }).key;
}

/** The status with which the protected API answers a key. */
export async function garmentsStatus(stack: Stack, key: string): Promise<number> {
  const answer = await fetch(`${stack.exampleUrl}/api/v1/garments`, { headers: { authorization: `Bearer ${key}` } });
  await answer.arrayBuffer();
  return answer.status;
}
