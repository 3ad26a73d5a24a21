import { Command } from 'commander';
import { exportCommand } from './export.js';
import { tailCommand } from './tail.js';
import { verifyCommand } from './verify.js';

export function auditCommand(): Command {
  return new Command('audit')
    .description("the account's record")
    .addCommand(tailCommand())
    .addCommand(verifyCommand())
    .addCommand(exportCommand());
}
