import { Command, Option } from 'commander';
import { adminApi, answerOf } from '../client/admin-api.js';
import { ApiError } from '../client/api-error.js';
import { adminAddress, DEFAULT_ADDRESS } from '../credentials/address.js';
import type { Credential } from '../credentials/credential.js';
import { credentialsPath, writeCredentials } from '../credentials/credentials-file.js';
import { oneLineSecret } from '../credentials/secret.js';
import { Failure } from '../ending/failure.js';
import { ask, readStandardInput } from '../terminal/prompt.js';
import { isInsecureAllowed, outputOf } from './context.js';
import { identityFields, identityOf } from './identity.js';

interface LoginOptions {
  readonly url?: string;
  readonly email?: string;
  readonly passwordStdin?: true;
  readonly keyStdin?: true;
}

const SESSION_COOKIE = /^mintmark_session=([^;]+)/;

export function loginCommand(): Command {
  return new Command('login')
    .description('sign in with e-mail and password, or with a management key')
    .option('--url <url>', `the admin's address (MINTMARK_ADMIN_URL, else ${DEFAULT_ADDRESS})`)
    .option('--email <address>', 'asked for if absent')
    .option('--password-stdin', 'read the password from standard input')
    .addOption(new Option('--key-stdin', 'read a management key from standard input').conflicts(['email', 'passwordStdin']))
    .action(login);
}

async function login(options: LoginOptions, command: Command): Promise<void> {
  const given = options.url ?? (process.env['MINTMARK_ADMIN_URL'] || DEFAULT_ADDRESS);
  const url = adminAddress(given, options.url === undefined ? 'MINTMARK_ADMIN_URL' : '--url', isInsecureAllowed(command));
  const credential = options.keyStdin ? await presentedKey() : await openSession(url, options);
  const identity = await identityOf(adminApi({ url, credential }), credential);
  const path = credentialsPath(process.env);
  await writeCredentials(path, { url, ...credential });
  const output = outputOf(command);
  if (output.json) await output.document({ url, ...identity });
  else await output.fields([['admin', url], ...identityFields(identity)]);
  output.note(`Kept in ${path}.`);
  if (process.env['MINTMARK_MANAGEMENT_KEY']) output.note('MINTMARK_MANAGEMENT_KEY is set, and counts before this sign-in.');
}

async function presentedKey(): Promise<Credential> {
  return { kind: 'key', secret: oneLineSecret(await readStandardInput(), '--key-stdin') };
}

async function openSession(url: string, options: LoginOptions): Promise<Credential> {
  if (options.passwordStdin && options.email === undefined) throw Failure.usage('--password-stdin takes --email');
  const email = options.email ?? (await ask('E-mail'));
  const password = options.passwordStdin ? await readStandardInput() : await ask('Password', { hidden: true });
  const api = adminApi({ url, credential: null });
  const call = api.POST('/api/v1/auth/login', { body: { email, password } });
  await answerOf(call);
  const { response } = await call;
  const token = response.headers
    .getSetCookie()
    .map((cookie) => SESSION_COOKIE.exec(cookie)?.[1])
    .find((value) => value);
  if (token === undefined) throw ApiError.of(response.status, null);
  return { kind: 'session', secret: oneLineSecret(token, 'the session') };
}
