import { afterAll, beforeAll, describe } from '@jest/globals';
import { changeLogConformance } from '../change-log.conformance.js';
import type { ChangeLogHarness } from '../change-log.harness.js';
import { postgresChangeLogHarness } from './change-log-harness.js';

describe('Postgres', () => {
  let harness: ChangeLogHarness;
  beforeAll(async () => {
    harness = await postgresChangeLogHarness();
  });
  afterAll(() => harness.close());

  changeLogConformance(() => harness);
});
