import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { PepperRing } from '../digest/pepper-ring.js';
import { webhookSignature } from './signature.js';
import { WebhookSecrets } from './webhook-secrets.js';

const [first, second] = ['p1', 'p2'].map((id) => ({ id, key: randomBytes(32) })) as [Pepper, Pepper];
type Pepper = ConstructorParameters<typeof PepperRing>[0][0];

const before = new WebhookSecrets(new PepperRing([first]));
const since = new WebhookSecrets(new PepperRing([second, first]));
const without = new WebhookSecrets(new PepperRing([second]));

describe('the secret of a webhook', () => {
  test('is whsec_ and the base64 of 32 bytes, and never the same twice', () => {
    const [one, other] = [before.make('whk_1'), before.make('whk_1')];
    expect(one.text).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(one.text).not.toBe(other.text);
    expect(before.open('whk_1', one.stored).toString('base64')).toBe(one.text.slice('whsec_'.length));
  });

  test('is not in what is stored', () => {
    const { text, stored } = before.make('whk_1');
    expect(stored.sealed.includes(Buffer.from(text.slice('whsec_'.length), 'base64'))).toBe(false);
  });

  test('can be read after the pepper was changed, as long as the former one is kept', () => {
    const { text, stored } = before.make('whk_1');
    expect(since.open('whk_1', stored).toString('base64')).toBe(text.slice('whsec_'.length));
    expect(() => without.open('whk_1', stored)).toThrow('p1');
  });

  test('does not open in the place of another webhook’s, nor altered', () => {
    const { stored } = before.make('whk_1');
    expect(() => before.open('whk_2', stored)).toThrow();
    for (let at = 0; at < stored.sealed.length; at++) {
      const altered = Buffer.from(stored.sealed);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(() => before.open('whk_1', { ...stored, sealed: altered })).toThrow();
    }
  });
});

test('a signature is that of the specification’s scheme, one for each secret', () => {
  const message = { id: 'msg_1', timestamp: 1_674_087_231, body: '{"a":"ü"}' };
  const header = webhookSignature(message, [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]);
  expect(header.split(' ')).toEqual([expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/), expect.stringMatching(/^v1,/)]);
  expect(header.split(' ')[0]).not.toBe(header.split(' ')[1]);
  expect(webhookSignature({ ...message, timestamp: 1_674_087_232 }, [Buffer.alloc(32, 1)])).not.toBe(header.split(' ')[0]);
});
