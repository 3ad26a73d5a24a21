import { existsSync } from 'node:fs';
import { access, constants, mkdir, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StartError } from '#libs/observability';
import { lockDirectory } from './lock.js';
import { systemErrorCode } from '../system-error.js';

/**
 * Makes the data directory where it is missing, closed to everybody else, and reserves it for this process.
 * @returns its absolute path
 * @throws StartError where it can't be used, with what to do
 */
export async function openDataDirectory(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    await mkdir(absolute, { recursive: true, mode: 0o700 });
    await access(absolute, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(absolute, error);
  }
  const directory = await realpath(absolute);
  await lockDirectory(directory);
  return directory;
}

/** What a chown mends. */
const OTHERS = new Set(['EACCES', 'EPERM']);

const USER = process.getuid === undefined ? 'this user' : `user ${process.getuid()}`;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: `is not writable for ${USER}`,
  EPERM: `is not writable for ${USER}`,
  EROFS: 'is on a file system that is mounted read-only',
  ENOTDIR: 'lies below a file',
  EEXIST: 'is a file',
  ENOSPC: 'is on a file system that is full',
};

function unusable(directory: string, error: unknown): unknown {
  const code = systemErrorCode(error) ?? '';
  const reason = REASONS[code];
  if (reason === undefined) return error;
  const owned = existsSync(directory) ? directory : dirname(directory);
  const remedy = OTHERS.has(code) ? `, or give it this one: chown ${process.getuid?.() ?? '<user>'} ${owned}` : '';
  return new StartError(
    `The data directory ${directory} ${reason}. Set MINTMARK_DATA_DIR to a directory that this user may write in${remedy}`,
    { cause: error },
  );
}
