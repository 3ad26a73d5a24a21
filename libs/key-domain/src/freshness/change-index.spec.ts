import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeScope } from '../ports/enforcement.js';
import { ChangeIndex } from './change-index.js';
import type { ChangeSubject, LoggedChange } from './logged-change.js';

const id = fc.constantFrom('1', '2', '3');
const handles = fc.uniqueArray(fc.constantFrom('h1', 'h2', 'h3', 'h4'), { maxLength: 2 });
const scope: fc.Arbitrary<ChangeScope> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('key' as const), accountId: id, keyId: id }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('account' as const), accountId: id }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'all' as const }) },
);
const subject: fc.Arbitrary<ChangeSubject> = fc.oneof(
  fc.record({ accountId: id, keyId: id }),
  fc.record({ accountId: id }),
  fc.record({ handles: fc.uniqueArray(fc.constantFrom('h1', 'h2', 'h3', 'h4'), { minLength: 1, maxLength: 3 }) }),
);
const base = fc.nat(20);
const changes = fc.array(fc.record({ scope, handles }), { maxLength: 40 });

function noted(index: ChangeIndex, after: number, list: readonly Omit<LoggedChange, 'number'>[]): readonly LoggedChange[] {
  const numbered = list.map((change, at) => ({ ...change, number: after + 1 + at }));
  for (const change of numbered) index.note(change);
  return numbered;
}

/** By the rule itself: a change touches what is of its key, its account or all, and what was missed under its handles. */
function touches({ scope: changed, handles: named }: LoggedChange, read: ChangeSubject): boolean {
  if (changed.kind === 'all') return true;
  if ('handles' in read) return read.handles.some((handle) => named.includes(handle));
  if (changed.kind === 'account') return changed.accountId === read.accountId;
  return read.keyId === changed.keyId;
}

describe('the index of changes', () => {
  test('says that something is unchanged exactly where no later change touches it', () => {
    fc.assert(
      fc.property(base, changes, subject, fc.nat(60), (start, list, read, position) => {
        const index = new ChangeIndex('e', start);
        const known = noted(index, start, list);
        const unchanged = position >= start && !known.some((change) => change.number > position && touches(change, read));
        expect(index.isUnchangedSince({ epoch: 'e', position }, read)).toBe(unchanged);
        expect(index.stamp).toEqual({ epoch: 'e', position: start + list.length });
      }),
    );
  });

  test('never says so wrongly, however few names it holds, and always does of what was read after the last change', () => {
    fc.assert(
      fc.property(base, changes, subject, fc.nat(60), fc.integer({ min: 1, max: 4 }), (start, list, read, position, maxNames) => {
        const index = new ChangeIndex('e', start, maxNames);
        const known = noted(index, start, list);
        if (index.isUnchangedSince({ epoch: 'e', position }, read)) {
          expect(position).toBeGreaterThanOrEqual(start);
          expect(known.filter((change) => change.number > position && touches(change, read))).toEqual([]);
        }
        expect(index.isUnchangedSince(index.stamp, read)).toBe(true);
      }),
    );
  });

  test('says so of what did not come by the log too, and stays at its place in the log', () => {
    const step = fc.record({ scope, handles, isAhead: fc.boolean() });
    fc.assert(
      fc.property(base, fc.array(step, { maxLength: 40 }), subject, fc.nat(40), (start, steps, read, since) => {
        const index = new ChangeIndex('e', start);
        let stamp = index.stamp;
        let isTouched = false;
        for (const [at, { isAhead, ...change }] of steps.entries()) {
          if (at === since) [stamp, isTouched] = [index.stamp, false];
          const numbered = { ...change, number: index.position + 1 };
          if (isAhead) index.noteAhead(change);
          else index.note(numbered);
          isTouched ||= touches(numbered, read);
        }
        if (since >= steps.length) [stamp, isTouched] = [index.stamp, false];
        expect(index.isUnchangedSince(stamp, read)).toBe(!isTouched);
        expect(index.position).toBe(start + steps.filter(({ isAhead }) => !isAhead).length);
      }),
    );
  });

  test('knows nothing of another epoch', () => {
    fc.assert(
      fc.property(changes, subject, fc.nat(60), (list, read, position) => {
        const index = new ChangeIndex('e', 0);
        noted(index, 0, list);
        expect(index.isUnchangedSince({ epoch: 'f', position }, read)).toBe(false);
      }),
    );
  });

  test.each([4, 6, 7])('takes no change but the next: not %i after 5, and is as it was then', (number) => {
    const index = new ChangeIndex('e', 5);
    const change = { number, scope: { kind: 'all' }, handles: [] } as const;
    if (number === 6) index.note(change);
    expect(() => {
      index.note(change);
    }).toThrow(/came after/);
    expect(index.position).toBe(number === 6 ? 6 : 5);
  });
});
