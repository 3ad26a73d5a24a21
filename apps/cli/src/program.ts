import { Command } from 'commander';
import { auditCommand } from './commands/audit/audit.js';
import { keysCommand } from './commands/keys/keys.js';
import { loginCommand } from './commands/login.js';
import { logoutCommand } from './commands/logout.js';
import { statusCommand } from './commands/status.js';
import { complain } from './terminal/output.js';
import { VERSION } from './version.js';

const ENDINGS = `
Ends with 0: done; 1: refused; 2: wrong usage; 3: not signed in; 4: the admin can't be reached; 5: done, but not known to
be in force everywhere; 6: the record is not whole; 130: interrupted.`;

/** The command and everything below it. */
export function mintmark(): Command {
  const program = new Command('mintmark')
    .description('Issues API keys and takes them out of use.')
    .version(VERSION)
    .option('--json', 'results as JSON, for scripts')
    .option('--allow-insecure', 'speak plain text to an admin elsewhere')
    .addHelpText('after', ENDINGS)
    .addCommand(loginCommand())
    .addCommand(logoutCommand())
    .addCommand(statusCommand())
    .addCommand(keysCommand())
    .addCommand(auditCommand());
  prepare(program);
  return program;
}

/** What is wrong with the command line is thrown, and told as any other failure is: in one line. */
function prepare(command: Command): void {
  command.exitOverride().configureOutput({ outputError: (text) => complain(withoutValues(text)) });
  command.commands.forEach(prepare);
}

/** Whoever wrote a secret into an option that there is not should not find it in a log too. */
function withoutValues(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replace(/(--[\w-]+)=[^\s']+/g, '$1')
    .replace(/\s*\n\s*/g, ' ');
}
