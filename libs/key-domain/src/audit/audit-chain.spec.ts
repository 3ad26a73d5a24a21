import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AuditLink, CHAIN_START, linkHash, seal, sealDigest } from './audit-chain.js';

const LINK: AuditLink = {
  accountId: 'acc_1',
  number: 1,
  at: new Date('2030-01-31T12:00:00.123Z'),
  actor: { type: 'person', id: 'usr_1' },
  action: 'key.revoked',
  target: { type: 'key', id: 'key_1' },
  requestId: null,
  change: sealDigest('{"before":null,"after":null}', Buffer.alloc(32, 1)),
  origin: sealDigest('{"address":null,"userAgent":null}', Buffer.alloc(32, 2)),
};

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Another value than the one given, for each part of a link. */
const ALTERATIONS: { readonly [Part in keyof AuditLink]: fc.Arbitrary<AuditLink[Part]> } = {
  accountId: fc.string(),
  number: fc.integer({ min: 1 }),
  at: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') }),
  actor: fc.record({ type: fc.constantFrom('person', 'key', 'system'), id: fc.string() }),
  action: fc.constantFrom('key.created', 'key.deleted'),
  target: fc.record({ type: fc.constantFrom('key', 'account'), id: fc.string() }),
  requestId: fc.option(fc.string()),
  change: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  origin: fc.uint8Array({ minLength: 32, maxLength: 32 }),
};

describe('audit chain', () => {
  test('is made as the documentation says, to the byte', () => {
    expect(hex(LINK.change)).toBe('52be6511ba7a8dc54a0ec48c1b9766739f118f4ea6540419345b68d642606800');
    expect(hex(linkHash(CHAIN_START, LINK))).toBe('a1a16b28ab539c883df6759d4bd1cca2a0d8094819075b4d66134ae8c28c555d');
  });

  test.each(Object.keys(ALTERATIONS) as (keyof AuditLink)[])('an altered %s has another hash', (part) => {
    fc.assert(
      fc.property(ALTERATIONS[part], (value) => {
        fc.pre(JSON.stringify(value) !== JSON.stringify(LINK[part]));
        expect(hex(linkHash(CHAIN_START, { ...LINK, [part]: value }))).not.toBe(hex(linkHash(CHAIN_START, LINK)));
      }),
    );
  });

  test('the same entry after another has another hash', () => {
    expect(hex(linkHash(linkHash(CHAIN_START, LINK), LINK))).not.toBe(hex(linkHash(CHAIN_START, LINK)));
  });

  test('what is sealed has the digest of its text, under a salt that is never used twice', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const [one, other] = [seal(value), seal(value)];
        expect(sealDigest(one.text, one.salt)).toEqual(one.digest);
        expect(JSON.parse(one.text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(hex(one.salt)).not.toBe(hex(other.salt));
        expect(hex(one.digest)).not.toBe(hex(other.digest));
      }),
    );
  });
});
