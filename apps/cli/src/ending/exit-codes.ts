/** How the command ends. Scripts stand on these numbers: they are documented in docs/cli.md and stay. */
export const EXIT = {
  ok: 0,
  /** The API refused what was asked, or a line of an import. */
  refused: 1,
  /** The command line can't be understood. */
  usage: 2,
  /** There is no credential, or the admin does not accept it. */
  notSignedIn: 3,
  /** The admin can't be reached, or can't answer at the moment. Nothing is known to have happened. */
  unavailable: 4,
  /** What was asked is done, but not known to be in force everywhere. */
  unconfirmed: 5,
  /** The record is not whole. */
  brokenRecord: 6,
  /** 128 and the number of the signal, as shells have it. */
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
