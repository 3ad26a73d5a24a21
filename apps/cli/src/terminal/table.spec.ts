import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sheet, table } from './table.js';

const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a\tb', 'a\nb', '\u001b]0;title\u0007', '\u202etxt.exe'));

describe('what a pipe is given', () => {
  test('has as many lines and fields as there were, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile), { maxLength: 5 }), (rows) => {
        const lines = table(['one', 'two'], rows, false).split('\n').slice(0, -1);
        expect(lines.map((line) => line.split('\t').length)).toEqual(rows.map(() => 2));
      }),
    );
  });
});

describe('what a terminal is given', () => {
  test('holds nothing that moves its cursor or turns its writing', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = `${table(['name'], [[text]], true)}${sheet([['name', text]], true)}`;
        expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
      }),
    );
  });

  test('names its columns, and is nothing where there are no rows', () => {
    expect(table(['id', 'name'], [['key_1', 'Web shop']], true)).toMatch(/id[^]*name[^]*key_1[^]*Web shop/);
    expect(table(['id', 'name'], [], true)).toBe('');
  });
});
