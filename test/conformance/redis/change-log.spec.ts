import { afterAll, beforeAll, describe } from '@jest/globals';
import { changeLogConformance } from '../change-log.conformance.js';
import { type RedisChangeLogHarness, redisChangeLogHarness } from './change-log-harness.js';

describe('Redis', () => {
  let harness: RedisChangeLogHarness;
  beforeAll(async () => {
    harness = await redisChangeLogHarness();
  });
  afterAll(() => harness.close());

  changeLogConformance(() => harness);
});
