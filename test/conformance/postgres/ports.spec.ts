import { ATTEMPTS_BY_ADDRESS, FAILURES_BY_EMAIL, FAILURES_BY_EMAIL_ANYWHERE, WINDOW_SECONDS } from '#libs/persistence';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { accountStoreConformance } from '../account-store.conformance.js';
import { auditLogConformance } from '../audit-log.conformance.js';
import { changeJournalConformance } from '../change-journal.conformance.js';
import { changeOutboxConformance } from '../change-outbox.conformance.js';
import { catalogueStoreConformance } from '../catalogue-store.conformance.js';
import { eventsOfManyConformance } from '../events-of-many.conformance.js';
import type { StorageHarness } from '../harness.js';
import { idempotencyStoreConformance } from '../idempotency-store.conformance.js';
import { identityStoreConformance } from '../identity-store.conformance.js';
import { installationStoreConformance } from '../installation-store.conformance.js';
import { keyNoticesConformance } from '../key-notices.conformance.js';
import { keyFiltersConformance } from '../key-filters.conformance.js';
import { keyLimitsConformance } from '../key-limits.conformance.js';
import { keyImportStoreConformance } from '../key-import-store.conformance.js';
import { keyRotationConformance } from '../key-rotation.conformance.js';
import { invitationStoreConformance } from '../invitation-store.conformance.js';
import { keyStoreConformance } from '../key-store.conformance.js';
import { keysMatchingConformance } from '../keys-matching.conformance.js';
import { limitLedgerConformance } from '../limit-ledger.conformance.js';
import { loginThrottleConformance } from '../login-throttle.conformance.js';
import { memberStoreConformance } from '../member-store.conformance.js';
import { peopleStoreConformance } from '../people-store.conformance.js';
import { quotaNoticesConformance } from '../quota-notices.conformance.js';
import { secretLookupConformance } from '../secret-lookup.conformance.js';
import { secretUpkeepConformance } from '../secret-upkeep.conformance.js';
import { tokenRulesSourceConformance } from '../token-rules-source.conformance.js';
import { usageStoreConformance } from '../usage-store.conformance.js';
import { webhookOutboxConformance } from '../webhook-outbox.conformance.js';
import { webhookStoreConformance } from '../webhook-store.conformance.js';
import { postgresHarness } from './postgres-harness.js';

describe('Postgres', () => {
  let harness: StorageHarness;
  beforeAll(async () => {
    harness = await postgresHarness();
  }, 60_000);
  afterAll(() => harness.close(), 60_000);
  const storage = () => harness;

  accountStoreConformance(storage);
  auditLogConformance(storage);
  catalogueStoreConformance(storage);
  eventsOfManyConformance(storage);
  idempotencyStoreConformance(storage);
  identityStoreConformance(storage);
  installationStoreConformance(storage);
  keyFiltersConformance(storage);
  keyNoticesConformance(storage);
  keysMatchingConformance(storage);
  invitationStoreConformance(storage);
  keyImportStoreConformance(storage);
  keyLimitsConformance(storage);
  quotaNoticesConformance(storage);
  keyStoreConformance(storage);
  keyRotationConformance(storage);
  changeJournalConformance(storage);
  changeOutboxConformance(storage);
  limitLedgerConformance(storage);
  loginThrottleConformance(storage, {
    byAddress: ATTEMPTS_BY_ADDRESS,
    byEmail: FAILURES_BY_EMAIL,
    byEmailAnywhere: FAILURES_BY_EMAIL_ANYWHERE,
    windowSeconds: WINDOW_SECONDS,
  });
  memberStoreConformance(storage);
  peopleStoreConformance(storage);
  secretLookupConformance(storage);
  secretUpkeepConformance(storage);
  tokenRulesSourceConformance(storage);
  usageStoreConformance(storage);
  webhookOutboxConformance(storage);
  webhookStoreConformance(storage);
});
