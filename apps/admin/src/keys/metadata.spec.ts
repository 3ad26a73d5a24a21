import { describe, expect, test } from '@jest/globals';
import { metadata } from './metadata.js';

const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
const faultOf = (json: string) => metadata.safeParse(JSON.parse(json)).error?.issues[0]?.path.join('.');

describe('metadata', () => {
  test.each([
    ['of any kind of value', { text: 'ü', number: 1.5, yes: true, nothing: null, list: [1, { a: 2 }] }],
    ['with names that objects have of their own', { constructor: 1, prototype: 2, toString: 3 }],
    ['of 32 levels', nested(32)],
    ['of 4,096 bytes', { a: 'x'.repeat(4088) }],
  ])('comes back as it was sent: %s', (_, value) => {
    expect(metadata.parse(value)).toEqual(value);
  });

  test.each([
    ['what is no object', '[]', ''],
    ['NUL in a value', '{"a": ["\\u0000"]}', 'a.0'],
    ['NUL in a name', '{"a": {"\\u0000": 1}}', 'a'],
    ['half of a surrogate pair', '{"a": "\\ud800"}', 'a'],
    ['a name that changes objects', '{"a": {"__proto__": 1}}', 'a'],
    ['a number beyond what numbers hold', '{"a": 1e999}', 'a'],
    ['4,097 bytes', JSON.stringify({ a: 'x'.repeat(4089) }), ''],
    ['characters of over 4,096 bytes together', JSON.stringify({ a: '\u{1f511}'.repeat(1023) }), ''],
    ['33 levels', JSON.stringify(nested(33)), Array<string>(33).fill('a').join('.')],
  ])('is refused for %s', (_, json, path) => {
    expect(faultOf(json)).toBe(path);
  });

  test('nested deeper than the stack is refused, not fatal', () => {
    expect(faultOf(`{"a": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toMatch(/^a\.0\.0/);
  });
});
