import { ConfigError, standaloneConfig } from '#libs/config';
import { MintmarkError, UnavailableError } from '#libs/key-domain';
import { createLog, StartError } from '#libs/observability';
import { resetPassword } from './reset-password.js';

const USAGE = 'npm run -s password:reset -- you@example.com';
const UNKNOWN = 'Unless a password was printed, run this again: it may have been changed or not.';

try {
  const [email, ...more] = process.argv.slice(2);
  if (email === undefined || more.length > 0) throw new StartError(USAGE);
  await resetPassword(standaloneConfig(process.env), email, ({ password, sessionsEnded }) => {
    process.stdout.write(`${password}\n`);
    process.stderr.write(
      `By this password ${email} signs in from now on, and chooses another. Sessions that ended: ${sessionsEnded}.\n`,
    );
  });
} catch (error) {
  if (error instanceof UnavailableError) process.stderr.write(`${error.publicMessage} ${UNKNOWN}\n`);
  else if (error instanceof MintmarkError) process.stderr.write(`${error.publicMessage}\n`);
  else if (error instanceof StartError || error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else createLog('password-reset').error({ err: error }, UNKNOWN);
  process.exitCode = 1;
}
