import { Command } from 'commander';
import { createCommand } from './create.js';
import { deleteCommand } from './delete.js';
import { importCommand } from './import/import.js';
import { listCommand } from './list.js';
import { revokeCommand } from './revoke.js';
import { endSecretCommand, rotateCommand } from './rotate.js';
import { showCommand } from './show.js';
import { updateCommand } from './update.js';
import { usageCommand } from './usage.js';

export function keysCommand(): Command {
  return new Command('keys')
    .description("the account's keys")
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(usageCommand())
    .addCommand(updateCommand())
    .addCommand(rotateCommand())
    .addCommand(endSecretCommand())
    .addCommand(revokeCommand())
    .addCommand(deleteCommand())
    .addCommand(importCommand());
}
