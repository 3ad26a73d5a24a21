import { type FollowedLog, hasConfirmed, type Joined, type MemberState } from '#libs/coherence';
import { type ChangeScope, UnavailableError } from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { aSequence, runSequence } from './change-log.sequences.js';
import type { ChangeLogHarness } from './change-log.harness.js';
import fc from 'fast-check';

const KEY: ChangeScope = { kind: 'key', accountId: 'acc_1', keyId: 'key_1' };
const HINT_WITHIN_MS = 2_000;
const SEQUENCES = 60;

export function changeLogConformance(logs: () => ChangeLogHarness): void {
  describe('the change log', () => {
    beforeEach(() => logs().reset());

    const publish = async (scope: ChangeScope = KEY, handles: readonly string[] = []) =>
      logs().publisher.publish(await logs().commit({ scope, handles }));
    const join = async () => {
      const log = logs().follower();
      const id = `ver_${randomUUID()}`;
      return { log, id, ...(await log.join(id)) };
    };
    const renew = ({ log, ...member }: Joined & { readonly log: FollowedLog; readonly id: string }, position = member.position) =>
      log.exchange(member, { position, exceptions: [], staleGuards: 0 }, true);
    const stateOf = async (id: string): Promise<MemberState | undefined> =>
      (await logs().publisher.members()).members.find((member) => member.id === id);

    test('whoever joins starts after the last change, and is known from then on', async () => {
      const { number } = await publish();
      const { id, epoch, position } = await join();
      expect(position).toBe(number);
      expect((await logs().publisher.members()).epoch).toBe(epoch);
      expect(await stateOf(id)).toEqual({ id, renewals: 0, position, exceptions: [], staleGuards: 0 });
      expect((await publish()).members).toEqual([{ id, renewals: 0, position, exceptions: [], staleGuards: 0 }]);
    });

    test('an id that is known already is not taken', async () => {
      const { id } = await join();
      await expect(logs().follower().join(id)).rejects.toThrow(UnavailableError);
    });

    test('an exchange brings every change after the stated position, in order and as it was published', async () => {
      const member = await join();
      await publish(KEY, ['handle_1', 'handle_2']);
      await publish({ kind: 'account', accountId: 'acc_2' });
      await publish({ kind: 'all' });
      const first = member.position + 1;
      expect(await renew(member)).toMatchObject({
        outcome: 'current',
        complete: true,
        changes: [
          { number: first, scope: KEY, handles: ['handle_1', 'handle_2'] },
          { number: first + 1, scope: { kind: 'account', accountId: 'acc_2' }, handles: [] },
          { number: first + 2, scope: { kind: 'all' }, handles: [] },
        ],
      });
      expect(await renew(member, first + 1)).toMatchObject({ changes: [{ number: first + 2 }], complete: true });
      expect(await renew(member, first + 2)).toMatchObject({ changes: [], complete: true });
    });

    test('a renewal raises the counter, a mere confirmation does not', async () => {
      const { log, ...member } = await join();
      await log.exchange(member, { position: member.position, exceptions: [], staleGuards: 0 }, true);
      expect(await stateOf(member.id)).toMatchObject({ renewals: 1 });
      await log.exchange(member, { position: member.position, exceptions: [], staleGuards: 0 }, false);
      expect(await stateOf(member.id)).toMatchObject({ renewals: 1 });
    });

    test('what is confirmed, what is excepted and how many guards may go on without is told to whoever waits', async () => {
      const { log, ...member } = await join();
      const [first, second] = [await publish(), await publish()];
      expect(first.members.some((state) => hasConfirmed(state, first.number))).toBe(false);
      await log.exchange(member, { position: second.number, exceptions: [first.number], staleGuards: 2 }, false);
      const state = await stateOf(member.id);
      expect(state).toMatchObject({ position: second.number, exceptions: [first.number], staleGuards: 2 });
      expect(state && [hasConfirmed(state, first.number), hasConfirmed(state, second.number)]).toEqual([false, true]);
      await log.exchange(member, { position: second.number, exceptions: [], staleGuards: 0 }, false);
      expect(await stateOf(member.id)).toMatchObject({ exceptions: [], staleGuards: 0 });
    });

    test('publishing a change twice does no harm: whoever has confirmed the second has the first', async () => {
      const member = await join();
      const change = await logs().commit({ scope: KEY, handles: [] });
      const [first, second] = [await logs().publisher.publish(change), await logs().publisher.publish(change)];
      expect(second.number).toBeGreaterThanOrEqual(first.number);
      expect(await renew(member)).toMatchObject({ outcome: 'current', complete: true });
    });

    test('a member that nobody knows has lost its place', async () => {
      const member = await join();
      expect(await renew({ ...member, id: 'ver_unknown' })).toEqual({ outcome: 'lost' });
      await member.log.leave(member);
      expect(await stateOf(member.id)).toBeUndefined();
      expect(await renew(member)).toEqual({ outcome: 'lost' });
    });

    test('whoever needs changes that the log has forgotten has lost its place; the others have not', async () => {
      const [behind, ahead] = [await join(), await join()];
      const last = [await publish(), await publish(), await publish()].at(-1)?.number ?? NaN;
      await renew(ahead);
      await logs().forgetChanges(last - 1);
      expect(await renew(behind)).toEqual({ outcome: 'lost' });
      expect(await renew(ahead, last - 1)).toMatchObject({ outcome: 'current', changes: [{ number: last }] });
      expect(await renew(ahead, last)).toMatchObject({ outcome: 'current', changes: [] });
    });

    test('a member is forgotten only if it has not renewed since', async () => {
      const member = await join();
      const { epoch } = member;
      await renew(member);
      await logs().publisher.prune(epoch, { id: member.id, renewals: 0 });
      expect(await renew(member)).toMatchObject({ outcome: 'current' });
      await logs().publisher.prune(epoch, { id: member.id, renewals: 2 });
      expect(await renew(member)).toEqual({ outcome: 'lost' });
      expect((await publish()).members).toEqual([]);
    });

    test('more changes than one exchange brings come in several, and only the last of them is complete', async () => {
      const member = await join();
      const changes = await Promise.all(Array.from({ length: 1_100 }, () => logs().commit({ scope: KEY, handles: [] })));
      await Promise.all(changes.map((change) => logs().publisher.publish(change)));
      const first = await renew(member);
      if (first.outcome === 'lost') throw new Error('lost');
      expect(first.complete).toBe(false);
      const second = await renew(member, first.changes.at(-1)?.number);
      if (second.outcome === 'lost') throw new Error('lost');
      expect(second.complete).toBe(true);
      const numbers = [...first.changes, ...second.changes].map(({ number }) => number);
      expect(numbers).toEqual(numbers.map((_, index) => member.position + 1 + index));
      expect(numbers.length).toBeGreaterThanOrEqual(1_100);
    });

    test('a publication and a confirmation are hinted at', async () => {
      let published = 0;
      let progressed = 0;
      const log = logs().follower();
      log.onPublished(() => (published += 1));
      logs().publisher.onProgress(() => (progressed += 1));
      const member = await join();
      const { number } = await publish();
      await until(() => published > 0);
      const before = progressed;
      await member.log.exchange(member, { position: number, exceptions: [], staleGuards: 0 }, false);
      await until(() => progressed > before);
    });

    test('members and changes at once: every change is in the log once, and every member sees all that follow', async () => {
      const members = await Promise.all(Array.from({ length: 8 }, join));
      const numbers = await Promise.all(Array.from({ length: 40 }, async () => (await publish()).number));
      for (const member of members) {
        const answer = await renew(member);
        const seen = answer.outcome === 'current' ? answer.changes.map(({ number }) => number) : [];
        expect(seen).toEqual(seen.map((_, index) => member.position + 1 + index));
        expect(new Set(seen)).toEqual(new Set(numbers));
      }
    });

    test('does, in any order of steps, what the model does that simulations run on', async () => {
      await fc.assert(
        fc.asyncProperty(aSequence, async (sequence) => {
          await logs().reset();
          await runSequence(logs(), sequence);
        }),
        { numRuns: SEQUENCES },
      );
    });
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > HINT_WITHIN_MS) throw new Error('no hint came');
    await sleep(10);
  }
}
