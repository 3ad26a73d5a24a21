import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from '../system-error.js';

const OWNER_ONLY = 0o600;

/** The text of a secret kept in a file; null where there is no such file. */
export async function readSecretFile(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Keeps a secret in a file that nobody else may read. When this returns, it outlasts a loss of power; before, it is
 * there whole or not at all.
 */
export async function writeSecretFile(path: string, secret: string): Promise<void> {
  const half = `${path}.${randomBytes(6).toString('hex')}.half`;
  const file = await open(half, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(`${secret}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(half, path);
  await syncDirectory(dirname(path));
}

/** A new name is in the directory's own data, which reaches the disk apart from the file's. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The secret in the file, made first where there is none. */
export async function keptSecret(path: string, make: () => string): Promise<string> {
  const kept = await readSecretFile(path);
  if (kept !== null) return kept;
  const made = make();
  await writeSecretFile(path, made);
  return made;
}
