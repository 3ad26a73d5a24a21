import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ReportUsageRequest } from '#libs/contract';
import type { KeyRecord } from '#libs/key-domain';
import { VirtualTime } from '../virtual-time.fixture.js';
import { type KeptUses, MAX_HELD, REPORT_INTERVAL_MS, UsageReports } from './usage-reports.js';

interface Kept {
  readonly record: KeyRecord;
  readonly kept: KeptUses;
}

function aKept(name: string): Kept {
  return {
    record: {
      ...{ keyId: `key_${name}`, secretId: `sec_${name}`, accountId: 'acc_1', accountSuspended: false, ownerId: null },
      ...{ name: '', environment: null, scopes: [], products: [], allowedCidrs: [], metadata: {}, limits: null },
      ...{ enabled: true, revoked: false, expiresAt: null },
    },
    kept: { uses: 0, lastUse: 0 },
  };
}

describe('uses of kept answers', () => {
  let time: VirtualTime;
  let reports: UsageReports;
  let told: Map<string, number>;
  beforeEach(() => {
    time = new VirtualTime();
    told = new Map();
    const reportUsage = ({ usage }: ReportUsageRequest) => {
      for (const { keyId, verifications } of usage) told.set(keyId, (told.get(keyId) ?? 0) + verifications);
      return Promise.resolve();
    };
    reports = new UsageReports(time, { reportUsage });
    reports.start('session');
  });
  const use = ({ record, kept }: Kept) => {
    reports.note(record, kept, time.monotonic());
  };

  test('are told of once each, whenever they were', async () => {
    const one = aKept('one');
    for (const uses of [1, 2, 3]) {
      for (let count = 0; count < uses; count += 1) use(one);
      await time.pass(REPORT_INTERVAL_MS);
    }
    expect([...told]).toEqual([['key_one', 6]]);
  });

  test('that there was no room for are not told of, and those after them are', async () => {
    const late = aKept('late');
    for (let number = 0; number < MAX_HELD; number += 1) use(aKept(String(number)));
    use(late);
    await time.pass(REPORT_INTERVAL_MS);
    expect([told.size, told.has('key_late')]).toEqual([MAX_HELD, false]);
    use(late);
    use(late);
    await time.pass(REPORT_INTERVAL_MS);
    expect(told.get('key_late')).toBe(2);
  });
});
