import type { Exchanged, FollowedLog, Members } from '#libs/coherence';
import type { ChangeScope } from '#libs/key-domain';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { ChangeLogHarness } from './change-log.harness.js';

/** One step of somebody's. Members are named by the order in which they joined; one that never did is a stranger. */
type Step =
  | { readonly kind: 'join' | 'members' }
  | { readonly kind: 'publish'; readonly scope: ChangeScope; readonly handles: readonly string[] }
  | {
      readonly kind: 'exchange';
      readonly member: number;
      /** Changes before the last that it was told; it states that position. */
      readonly behind: number;
      readonly excepted: number;
      readonly staleGuards: number;
      readonly renew: boolean;
    }
  | { readonly kind: 'prune'; readonly member: number; readonly stale: boolean }
  | { readonly kind: 'leave'; readonly member: number }
  | { readonly kind: 'forget'; readonly kept: number };

const member = fc.nat(5);
const scope: fc.Arbitrary<ChangeScope> = fc.oneof(
  fc.record({
    kind: fc.constant('key' as const),
    accountId: fc.constantFrom('acc_1', 'acc_2'),
    keyId: fc.constantFrom('key_1', 'key_2'),
  }),
  fc.record({ kind: fc.constant('account' as const), accountId: fc.constantFrom('acc_1', 'acc_2') }),
  fc.constant({ kind: 'all' as const }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('join' as const, 'members' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      scope,
      handles: fc.array(fc.constantFrom('h_1', 'h_2'), { maxLength: 2 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('exchange' as const),
      member,
      behind: fc.nat(2),
      excepted: fc.nat(2),
      staleGuards: fc.nat(2),
      renew: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('prune' as const), member, stale: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), member }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), kept: fc.nat(4) }) },
);

export type Sequence = readonly Step[];

export const aSequence: fc.Arbitrary<Sequence> = fc.array(step, { minLength: 1, maxLength: 40 });

interface Member {
  readonly id: string;
  readonly epoch: string;
  readonly log: FollowedLog;
  told: number;
}

/** Takes every step on the log and on the model, and expects the same answer of both. */
export async function runSequence(logs: ChangeLogHarness, sequence: Sequence): Promise<void> {
  const { epoch } = await logs.publisher.members();
  const model = logs.model(epoch);
  const joined: Member[] = [{ id: 'ver_stranger', epoch, log: logs.follower(), told: 0 }];
  let head = 0;
  const named = (index: number): Member => joined[index % joined.length] as Member;

  for (const step of sequence) {
    switch (step.kind) {
      case 'join': {
        const [log, id] = [logs.follower(), `ver_${randomUUID()}`];
        const answer = await log.join(id);
        expect({ ...answer, storeMs: null }).toEqual({ ...model.join(id), storeMs: null });
        joined.push({ id, epoch, log, told: answer.position });
        break;
      }
      case 'members':
        expect(inOrder(await logs.publisher.members())).toEqual(inOrder(model.members()));
        break;
      case 'publish': {
        const published = await logs.publisher.publish(await logs.commit(step));
        const expected = model.publish(step);
        expect({ ...inOrder(published), number: published.number }).toEqual({ ...inOrder(expected), number: expected.number });
        head = expected.number;
        break;
      }
      case 'exchange': {
        const asking = named(step.member);
        const position = Math.max(0, asking.told - step.behind);
        const exceptions = Array.from({ length: Math.min(step.excepted, position) }, (_, index) => position - index).reverse();
        const progress = { position, exceptions, staleGuards: step.staleGuards };
        const answer = await asking.log.exchange(asking, progress, step.renew);
        expect(withoutClock(answer)).toEqual(withoutClock(model.exchange(asking, progress, step.renew)));
        if (answer.outcome === 'current') asking.told = answer.changes.at(-1)?.number ?? asking.told;
        break;
      }
      case 'prune': {
        const { id } = named(step.member);
        const known = model.members().members.find((state) => state.id === id);
        const renewals = (known?.renewals ?? 0) - (step.stale ? 1 : 0);
        await logs.publisher.prune(epoch, { id, renewals });
        model.prune(epoch, { id, renewals });
        break;
      }
      case 'leave':
        await named(step.member).log.leave(named(step.member));
        model.leave(named(step.member));
        break;
      case 'forget':
        await logs.forgetChanges(head - step.kept);
        model.forgetChanges(head - step.kept);
        break;
    }
  }
  expect(inOrder(await logs.publisher.members())).toEqual(inOrder(model.members()));
}

function inOrder({ epoch, members }: Members): Members {
  return { epoch, members: members.toSorted((one, other) => (one.id < other.id ? -1 : 1)) };
}

function withoutClock(answer: Exchanged): Exchanged {
  return answer.outcome === 'lost' ? answer : { ...answer, storeMs: null };
}
