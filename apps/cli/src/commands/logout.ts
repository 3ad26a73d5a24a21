import { Command } from 'commander';
import { adminApi, answerOf } from '../client/admin-api.js';
import { credentialsPath, readCredentials, removeCredentials } from '../credentials/credentials-file.js';
import { outputOf } from './context.js';

export function logoutCommand(): Command {
  return new Command('logout').description('end the session, and forget what login kept').action(logout);
}

/** What was kept is gone in any case; that the session could not be ended is told after that. */
async function logout(_options: unknown, command: Command): Promise<void> {
  const path = credentialsPath(process.env);
  const kept = await readCredentials(path).finally(() => removeCredentials(path));
  if (kept === null) return;
  const output = outputOf(command);
  const { url, kind, secret } = kept;
  if (kind === 'session') await answerOf(adminApi({ url, credential: { kind, secret } }).POST('/api/v1/auth/logout'));
  else output.note('The management key is forgotten here and still valid: revoke it if it is not needed.');
}
