import { EXIT, type ExitCode } from './exit-codes.js';

/** Why a command ends otherwise than asked. Its message is told in one line, and holds no secret. */
export class Failure extends Error {
  override readonly name: string = 'Failure';

  constructor(
    message: string,
    readonly exitCode: ExitCode,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  static usage(message: string): Failure {
    return new Failure(message, EXIT.usage);
  }

  static notSignedIn(message: string): Failure {
    return new Failure(message, EXIT.notSignedIn);
  }

  static unavailable(message: string, cause?: unknown): Failure {
    return new Failure(message, EXIT.unavailable, { cause });
  }
}
