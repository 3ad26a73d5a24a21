import { describe, expect, test } from '@jest/globals';
import { Checker } from './checker.js';
import { KeyHistory } from './key-history.js';
import type { Verdict } from './key-traits.js';

const EPOCH = Date.UTC(2026, 0, 1);

function violations(history: KeyHistory, sent: number, answered: number, ...verdicts: Verdict[]): number {
  const checker = new Checker();
  const wall = { sent: EPOCH + sent, answered: EPOCH + answered };
  checker.judge(history, { by: 'guard-1', sent, answered, wall, verdicts });
  return checker.violations;
}

describe('made-up histories', () => {
  test('a key that is accepted after its revocation has returned is a violation, and is told with its history', () => {
    const history = new KeyHistory('key_1', 0);
    history.write('revoked', true, 'revoke', 10).returned(20, 'by acknowledgement');
    expect(violations(history, 20.1, 21, 'REVOKED')).toBe(0);
    expect(violations(history, 20.1, 21, 'VALID')).toBe(1);
    expect(history.toString()).toContain('revoke; by acknowledgement in force at 20.0');
    expect(history.toString()).toContain('sent at 20.1, answered at 21.0 by guard-1: VALID');
  });

  test('what was sent before it had returned may be judged either way', () => {
    const history = new KeyHistory('key_1', 0);
    history.write('revoked', true, 'revoke', 10).returned(20, 'by lease');
    expect(violations(history, 19.9, 9_000, 'VALID')).toBe(0);
    expect(violations(history, 19.9, 9_000, 'REVOKED')).toBe(0);
    expect(violations(history, 19.9, 9_000, 'NOT_FOUND')).toBe(1);
  });

  test('nothing is refused before it was asked for', () => {
    const history = new KeyHistory('key_1', 0);
    history.write('revoked', true, 'revoke', 10).returned(20, 'by lease');
    expect(violations(history, 5, 9, 'REVOKED')).toBe(1);
  });

  test.each(['lost', 'unconfirmed'] as const)('a change that is %s may have been made or not', (outcome) => {
    const history = new KeyHistory('key_1', 0);
    const write = history.write('revoked', true, 'revoke', 10);
    if (outcome === 'lost') write.lost('connection reset');
    else write.unconfirmed(15);
    expect(violations(history, 900, 901, 'VALID')).toBe(0);
    expect(violations(history, 900, 901, 'REVOKED')).toBe(0);
  });

  test('a lost change may come into effect after one that undid it, until everything has settled and it is undone again', () => {
    const history = new KeyHistory('key_1', 0);
    history.write('enabled', false, 'disable', 10).lost('timeout');
    history.write('enabled', false, 'disable', 20).returned(30, 'by acknowledgement');
    history.write('enabled', true, 'enable', 40).returned(50, 'by acknowledgement');
    expect(violations(history, 60, 61, 'DISABLED')).toBe(0);
    history.settle(45, 70);
    expect(violations(history, 80, 81, 'DISABLED')).toBe(0);
    history.write('enabled', true, 'enable', 90).returned(100, 'by acknowledgement');
    expect(violations(history, 101, 102, 'DISABLED')).toBe(1);
    expect(violations(history, 101, 102, 'VALID')).toBe(0);
  });

  test('a change that is undone leaves nothing behind', () => {
    const history = new KeyHistory('key_1', 0);
    history.write('scoped', false, 'narrow', 10).returned(20, 'by acknowledgement');
    expect(violations(history, 21, 22, 'INSUFFICIENT_SCOPE')).toBe(0);
    expect(violations(history, 21, 22, 'VALID')).toBe(1);
    history.write('scoped', true, 'widen', 30).returned(40, 'by acknowledgement');
    expect(violations(history, 41, 42, 'INSUFFICIENT_SCOPE')).toBe(1);
  });

  test('a key is judged by its end, up to what a verifier may be ahead of the clock', () => {
    const history = new KeyHistory('key_1', 0);
    history.write('expiresAt', EPOCH + 5_000, 'expire', 10).returned(20, 'by acknowledgement');
    expect(violations(history, 3_000, 3_001, 'EXPIRED')).toBe(1);
    expect(violations(history, 4_000, 4_001, 'EXPIRED')).toBe(0);
    expect(violations(history, 4_999, 5_001, 'VALID')).toBe(0);
    expect(violations(history, 5_100, 5_101, 'VALID')).toBe(1);
  });

  test('an answer that may mean several verdicts is wrong only when none of them is right', () => {
    const history = new KeyHistory('key_1', 0);
    history.write('enabled', false, 'disable', 10).returned(20, 'by acknowledgement');
    expect(violations(history, 21, 22, 'NOT_FOUND', 'DISABLED')).toBe(0);
    history.write('revoked', true, 'revoke', 30).returned(40, 'by acknowledgement');
    expect(violations(history, 41, 42, 'NOT_FOUND', 'DISABLED')).toBe(1);
    history.write('deleted', true, 'delete', 50).returned(60, 'by acknowledgement');
    expect(violations(history, 61, 62, 'NOT_FOUND', 'DISABLED')).toBe(0);
    expect(violations(history, 61, 62, 'REVOKED')).toBe(1);
  });
});
