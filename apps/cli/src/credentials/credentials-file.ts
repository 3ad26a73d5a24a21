import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../ending/failure.js';

const stored = z.object({ url: z.url(), kind: z.enum(['session', 'key']), secret: z.string().min(1) });

/** A sign-in as it is kept between two runs. */
export type StoredCredentials = z.output<typeof stored>;

/** In the XDG Base Directory: a relative `XDG_CONFIG_HOME` does not count, as its specification has it. */
export function credentialsPath(environment: NodeJS.ProcessEnv): string {
  const configured = environment['XDG_CONFIG_HOME'] ?? '';
  return join(isAbsolute(configured) ? configured : join(homedir(), '.config'), 'mintmark', 'credentials.json');
}

/** @returns null where nobody has signed in */
export async function readCredentials(path: string): Promise<StoredCredentials | null> {
  const text = await readFile(path, 'utf8').catch(ifMissing);
  if (text === null) return null;
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0)
    throw Failure.notSignedIn(`${path} can be read by others: sign in again, and revoke what may have been read`);
  const { success, data } = stored.safeParse(jsonOf(text));
  if (!success) throw Failure.notSignedIn(`${path} can't be read: sign in again`);
  return data;
}

/** Whole or not at all, and at no moment for other eyes. */
export async function writeCredentials(path: string, credentials: StoredCredentials): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(credentials)}\n`);
    await file.close();
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

export function removeCredentials(path: string): Promise<void> {
  return rm(path, { force: true });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the schema refuses it
  }
}

function ifMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
