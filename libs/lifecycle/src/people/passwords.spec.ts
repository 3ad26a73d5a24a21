import { describe, expect, test } from '@jest/globals';
import { Passwords } from './passwords.js';

const passwords = new Passwords();

/** The shortest of several runs, in milliseconds: what else the machine does can only lengthen one. */
async function shortestOf(runs: number, work: () => Promise<unknown>): Promise<number> {
  let shortest = Infinity;
  for (let run = 0; run < runs; run++) {
    const begun = performance.now();
    await work();
    shortest = Math.min(shortest, performance.now() - begun);
  }
  return shortest;
}

describe('passwords', () => {
  test('are kept as argon2id, each with a salt of its own', async () => {
    const [one, other] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
  });

  test('match what they were made from, and nothing else', async () => {
    const stored = await passwords.hash('correct horse');
    expect(await passwords.matches(stored, 'correct horse')).toBe(true);
    expect(await passwords.matches(stored, 'correct horsf')).toBe(false);
  });

  test('match however a keyboard composes their characters', async () => {
    const stored = await passwords.hash('caf\u00e9-caf\u00e9');
    expect(await passwords.matches(stored, 'cafe\u0301-cafe\u0301')).toBe(true);
  });

  test('take as much work for nobody as for somebody', async () => {
    const stored = await passwords.hash('correct horse');
    await passwords.matches(null, 'warm up');
    const somebody = await shortestOf(8, () => passwords.matches(stored, 'wrong'));
    const nobody = await shortestOf(8, () => passwords.matches(null, 'wrong'));
    expect(await passwords.matches(null, 'wrong')).toBe(false);
    expect(nobody).toBeGreaterThan(somebody / 5);
  });
});
