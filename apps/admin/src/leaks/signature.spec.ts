import { createPublicKey } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { isSigned } from './signature.js';

const BODY = '[{"token":"some_token","type":"some_type","url":"some_url","source":"some_source"}]';
const SIGNATURE = 'MEUCIFLZzeK++IhS+y276SRk2Pe5LfDrfvTXu6iwKKcFGCrvAiEAhHN2kDOhy2I6eGkOFmxNkOJ+L2y8oQ9A2T9GGJo6WJY=';
const KEY = createPublicKey({
  key: Buffer.from(
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gPHzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==',
    'base64',
  ),
  format: 'der',
  type: 'spki',
});
const isRight = (body: string, signature = SIGNATURE) => isSigned(Buffer.from(body), signature, KEY);

test('the signature of a body holds for its bytes', () => {
  expect(isRight(BODY)).toBe(true);
});

test.each([
  ['a newline at its end', `${BODY}\n`],
  ['the same values in other bytes', JSON.stringify(JSON.parse(BODY), null, 1)],
  ['one byte less', BODY.slice(0, -1)],
  ['nothing', ''],
])('and for no others: %s', (_, body) => {
  expect(isRight(body)).toBe(false);
});

test.each(['', 'nonsense', 'AAAA', SIGNATURE.slice(4), SIGNATURE.replace('MEUC', 'MEQC')])('%p is no signature', (signature) => {
  expect(isRight(BODY, signature)).toBe(false);
});
