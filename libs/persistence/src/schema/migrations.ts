import { Installation1795305600000 } from './migrations/1795305600000-installation.js';
import { Accounts1795305601000 } from './migrations/1795305601000-accounts.js';
import { People1795305602000 } from './migrations/1795305602000-people.js';
import { Keys1795305603000 } from './migrations/1795305603000-keys.js';
import { Coherence1795305604000 } from './migrations/1795305604000-coherence.js';
import { Inquiries1795305605000 } from './migrations/1795305605000-inquiries.js';
import { StaleGuards1795305606000 } from './migrations/1795305606000-stale-guards.js';
import { Audit1795305607000 } from './migrations/1795305607000-audit.js';
import { KeyFilters1795305609000 } from './migrations/1795305609000-key-filters.js';
import { People1795305610000 } from './migrations/1795305610000-people.js';
import { Oidc1795305611000 } from './migrations/1795305611000-oidc.js';
import { Webhooks1795305612000 } from './migrations/1795305612000-webhooks.js';
import { Policy1795305613000 } from './migrations/1795305613000-policy.js';
import { Idempotency1795305614000 } from './migrations/1795305614000-idempotency.js';
import { ImportLines1795305614500 } from './migrations/1795305614500-import-lines.js';
import { Notices1795305615000 } from './migrations/1795305615000-notices.js';
import { OfferVersions1795305617000 } from './migrations/1795305617000-offer-versions.js';
import { NewestSecrets1795305618000 } from './migrations/1795305618000-newest-secrets.js';
import { NoPassword1795305619000 } from './migrations/1795305619000-no-password.js';
import { DeedsOnMany1795305621000 } from './migrations/1795305621000-deeds-on-many.js';
import { KeyLimits1795305623000 } from './migrations/1795305623000-key-limits.js';
import { Usage1795305625000 } from './migrations/1795305625000-usage.js';
import { LimitVersions1795305626000 } from './migrations/1795305626000-limit-versions.js';
import { SilentSince1795305627000 } from './migrations/1795305627000-silent-since.js';

/** Every change of the schema, oldest first. What has been released is never edited: a new one is added. */
export const MIGRATIONS = [
  Installation1795305600000,
  Accounts1795305601000,
  People1795305602000,
  Keys1795305603000,
  Coherence1795305604000,
  Inquiries1795305605000,
  StaleGuards1795305606000,
  Audit1795305607000,
  KeyFilters1795305609000,
  People1795305610000,
  Oidc1795305611000,
  Webhooks1795305612000,
  Policy1795305613000,
  Idempotency1795305614000,
  ImportLines1795305614500,
  Notices1795305615000,
  OfferVersions1795305617000,
  NewestSecrets1795305618000,
  NoPassword1795305619000,
  DeedsOnMany1795305621000,
  KeyLimits1795305623000,
  Usage1795305625000,
  LimitVersions1795305626000,
  SilentSince1795305627000,
];
