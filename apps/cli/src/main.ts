#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EXIT, type ExitCode } from './ending/exit-codes.js';
import { Failure } from './ending/failure.js';
import { mintmark } from './program.js';
import { complain, endWithReader } from './terminal/output.js';

process.once('SIGINT', () => process.exit(EXIT.interrupted));
process.once('SIGTERM', () => process.exit(EXIT.terminated));
endWithReader();

try {
  await mintmark().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // commander has told it
  if (!(error instanceof Failure) && !isSystemError(error)) throw error;
  complain(error.message);
  return error instanceof Failure ? error.exitCode : EXIT.refused;
}

/** A file that can't be written, for one: its message says what and where. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
