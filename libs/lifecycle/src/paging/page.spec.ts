import { describe, expect, test } from '@jest/globals';
import { InvalidRequestError } from '#libs/key-domain';
import { writeCursor } from './cursor.js';
import { pageOf } from './page.js';

const ITEMS = ['e', 'd', 'c', 'b', 'a'].map((id) => ({ id }));
const page = (limit: number, cursor: string | null) => pageOf(ITEMS, ({ id }) => id, { limit, cursor });

describe('walking through a list', () => {
  test('shows every item once and ends', () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { items, nextCursor } = page(2, cursor);
      seen.push(...items.map(({ id }) => id));
      cursor = nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  test('tells of no further page after one that is just full', () => {
    expect(page(5, null).nextCursor).toBeNull();
  });

  test.each([
    ['of no item', writeCursor('z')],
    ['in another spelling', `${writeCursor('d')}=`],
    ['that is empty', ''],
    ['that is no base64url', '%%%'],
  ])('refuses a cursor %s', (_, cursor) => {
    expect(() => page(2, cursor)).toThrow(InvalidRequestError);
  });
});
