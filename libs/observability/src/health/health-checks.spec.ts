import { beforeEach, describe, expect, test } from '@jest/globals';
import { createLog } from '../log/log.js';
import { HealthChecks } from './health-checks.js';

let logged: string[];
let health: HealthChecks;

beforeEach(() => {
  logged = [];
  health = new HealthChecks(createLog('test', { write: (line: string) => void logged.push(line) }));
});

const away = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.9:5432'));
const there = () => Promise.resolve();

describe('HealthChecks', () => {
  test('an app that stands on nothing is ok', async () => {
    expect(await health.report()).toEqual({ status: 'ok', checks: {} });
  });

  test('what is essential and away makes the app unavailable; what is not degrades it', async () => {
    health.add('postgres', there);
    health.add('redis', away, { isEssential: () => false });
    expect(await health.report()).toEqual({
      status: 'degraded',
      checks: { postgres: { status: 'ok' }, redis: { status: 'degraded' } },
    });
    health.add('postgres', away);
    expect(await health.report()).toMatchObject({ status: 'unavailable', checks: { postgres: { status: 'unavailable' } } });
  });

  test('what does not answer within a second is away', async () => {
    health.add('postgres', () => new Promise(() => undefined));
    expect(await health.report()).toMatchObject({ status: 'unavailable' });
  });

  test('a crowd that asks at once is one look, and who asks afterwards is another', async () => {
    let looks = 0;
    health.add('postgres', () => {
      looks += 1;
      return Promise.resolve();
    });
    const crowd = await Promise.all(Array.from({ length: 100 }, () => health.report()));
    expect(new Set(crowd.map(({ status }) => status))).toEqual(new Set(['ok']));
    expect(looks).toBe(1);
    await health.report();
    expect(looks).toBe(2);
  });

  test("tells the log, once a change, and nobody else, the driver's words", async () => {
    let check: () => Promise<void> = away;
    health.add('postgres', () => check());
    const reports = [await health.report(), await health.report()];
    check = there;
    reports.push(await health.report(), await health.report());
    expect(JSON.stringify(reports)).not.toContain('ECONNREFUSED');
    expect(reports.map(({ status }) => status)).toEqual(['unavailable', 'unavailable', 'ok', 'ok']);
    expect(logged).toHaveLength(2);
    expect(logged[0]).toContain('ECONNREFUSED');
    expect(logged[1]).toContain('healthy again');
  });

  test('an app that takes its leave is unavailable, whatever it stands on', async () => {
    health.add('postgres', there);
    health.stop();
    expect(await health.report()).toEqual({
      status: 'unavailable',
      checks: { postgres: { status: 'ok' }, running: { status: 'unavailable' } },
    });
  });
});
