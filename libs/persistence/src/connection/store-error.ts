import { MintmarkError } from '#libs/key-domain';

/** A fault of Mintmark's own in what it asked of the database. */
export class StoreError extends MintmarkError {
  readonly code = 'internal_error';
  readonly level = 'error';

  /** @param detail what kind of fault the server found, free of any row's values */
  constructor(detail: string) {
    super('Something went wrong.', { detail });
  }
}

/** A row that a UNIQUE or FOREIGN KEY constraint does not admit. */
export class ConstraintViolation extends StoreError {
  constructor(
    sqlState: string,
    readonly constraint: string,
  ) {
    super(`SQLSTATE ${sqlState}: ${constraint}`);
  }
}

/** Names what the violation of a constraint means to the caller of a port; any other error is thrown as it is. */
export function onViolation(meanings: Readonly<Record<string, () => Error>>): (error: unknown) => never {
  return (error) => {
    const meaning = error instanceof ConstraintViolation ? meanings[error.constraint] : undefined;
    throw meaning === undefined ? error : meaning();
  };
}
