import { describe, expect, test } from '@jest/globals';
import { NO_REQUEST } from '#libs/key-domain';
import { RefusalGathering, type Refused } from './refusal-gathering.js';

const refused = (accountId: string, actor = 'key_1', route = 'POST /keys'): Refused => ({
  ...{ accountId, route, ids: [], message: 'no' },
  by: { ...NO_REQUEST, actor: { type: 'key', id: actor } },
});

/** A record that writes when it is let, or fails. */
function recorded(turn: (accountId: string) => Promise<void> = () => Promise.resolve()) {
  const entries: [accountId: string, actor: string, route: string, times: number][] = [];
  const logged: string[] = [];
  const log = (_: unknown, text?: unknown) => void logged.push(String(text));
  const trail = {
    refused: async (
      ...[accountId, { route, times }, { actor }]: Parameters<ConstructorParameters<typeof RefusalGathering>[0]['refused']>
    ) => {
      await turn(accountId);
      entries.push([accountId, actor.id, route, times]);
    },
  };
  return { entries, logged, gathering: new RefusalGathering(trail, { warn: log, error: log }) };
}

const total = (entries: readonly (readonly [string, string, string, number])[], account: string) =>
  entries.reduce((sum, [accountId, , , times]) => sum + (accountId === account ? times : 0), 0);

describe('refusals', () => {
  test('of the same to the same one are one entry at once, and one with their number later', async () => {
    const { entries, gathering } = recorded();
    for (let time = 0; time < 5; time += 1) await gathering.add(refused('acc_1'));
    expect(entries).toEqual([['acc_1', 'key_1', 'POST /keys', 1]]);
    await gathering.close();
    expect(entries.slice(1)).toEqual([['acc_1', 'key_1', 'POST /keys', 4]]);
  });

  test('of an account that is refused without end keep no other account’s from the record, and are counted to the last', async () => {
    const { entries, gathering } = recorded();
    const flood = Array.from({ length: 30_000 }, (_, number) => refused('acc_1', `key_${number}`));
    await Promise.all(flood.map((one) => gathering.add(one)));
    await gathering.add(refused('acc_2'));
    expect(entries.at(-1)).toEqual(['acc_2', 'key_1', 'POST /keys', 1]);
    expect(entries.length).toBeLessThan(250);
    await gathering.close();
    expect(entries.at(-1)).toEqual(['acc_1', 'admin', '*', expect.any(Number)]);
    expect(total(entries, 'acc_1')).toBe(30_000);
  });

  test('of one key that is refused without end keep no other’s of the account from the record', async () => {
    const { entries, gathering } = recorded();
    for (let time = 0; time < 1_000; time += 1) await gathering.add(refused('acc_1', 'key_1', `POST /keys/${time}`));
    await gathering.add(refused('acc_1', 'key_2'));
    expect(entries.at(-1)).toEqual(['acc_1', 'key_2', 'POST /keys', 1]);
    await gathering.close();
    expect(entries.at(-1)).toEqual(['acc_1', 'admin', '*', expect.any(Number)]);
    expect(total(entries, 'acc_1')).toBe(1_001);
  });

  test('of one key that come faster than they are written leave room for others’ of the account', async () => {
    let letOn = (): void => undefined;
    const slow = new Promise<void>((resolve) => (letOn = resolve));
    const { entries, gathering } = recorded(() => slow);
    const adding = Array.from({ length: 40 }, (_, number) => gathering.add(refused('acc_1', 'key_1', `POST /keys/${number}`)));
    const other = gathering.add(refused('acc_1', 'key_2'));
    letOn();
    await Promise.all([...adding, other]);
    expect(entries.map(([, actor]) => actor)).toContain('key_2');
    await gathering.close();
    expect(total(entries, 'acc_1')).toBe(41);
  });

  test('of others come in their turn while those of one account wait for the record', async () => {
    let letOn = (): void => undefined;
    const { entries, gathering } = recorded(() => new Promise((resolve) => (letOn = resolve)));
    const adding = Array.from({ length: 1_000 }, (_, number) => gathering.add(refused('acc_1', `key_${number}`)));
    const other = gathering.add(refused('acc_2'));
    const ended = Promise.all([...adding, other]).then(() => true);
    for (let done = false; !done;) {
      letOn();
      done = await Promise.race([ended, new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);
    }
    expect(entries.findIndex(([accountId]) => accountId === 'acc_2')).toBeLessThan(30);
  });

  test('of an account whose record is slow hold up no other’s, and no answer for longer than a second', async () => {
    const never = new Promise<void>(() => undefined);
    const { entries, gathering } = recorded((accountId) => (accountId === 'acc_1' ? never : Promise.resolve()));
    const slow = Array.from({ length: 20 }, (_, number) => gathering.add(refused('acc_1', `key_${number}`)));
    await gathering.add(refused('acc_2'));
    expect(entries).toEqual([['acc_2', 'key_1', 'POST /keys', 1]]);
    await Promise.all(slow);
    expect(entries).toHaveLength(1);
  });

  test('are counted while the record can’t be reached, and put down once it can', async () => {
    let isDown = true;
    const { entries, logged, gathering } = recorded(() => (isDown ? Promise.reject(new Error('down')) : Promise.resolve()));
    await gathering.add(refused('acc_1'));
    await gathering.add(refused('acc_1', 'key_2'));
    expect([entries, logged]).toEqual([[], Array(2).fill('a refusal could not be put down in the record')]);
    isDown = false;
    await gathering.close();
    expect(entries).toEqual([['acc_1', 'admin', '*', 2]]);
  });
});
