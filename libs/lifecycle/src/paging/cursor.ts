import { InvalidRequestError } from '#libs/key-domain';

/** Where the next page begins, as a text that callers hand back and don't look into. */
export function writeCursor(lastId: string): string {
  return Buffer.from(lastId, 'utf8').toString('base64url');
}

/**
 * The id that a cursor was written from.
 * @param isId whether a text can be such an id at all
 * @throws InvalidRequestError at `cursor` for what no page has handed out
 */
export function readCursor(cursor: string, isId: (text: string) => boolean): string {
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!isId(id) || writeCursor(id) !== cursor) throw InvalidRequestError.at('cursor', 'Not a cursor that a list has handed out.');
  return id;
}
