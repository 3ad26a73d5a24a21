import { Module } from '@nestjs/common';
import { AuditTrail } from './audit/audit-trail.js';
import { Catalogue } from './catalogue/catalogue.js';
import { IdempotentRequests } from './idempotency/idempotent-requests.js';
import { KeyChanging } from './keys/key-changing.js';
import { KeyDirectory } from './keys/key-directory.js';
import { KeyEnding } from './keys/key-ending.js';
import { KeyImporting } from './keys/key-importing.js';
import { KeyIssuing } from './keys/key-issuing.js';
import { KeyRotation } from './keys/key-rotation.js';
import { MatchingRevocation } from './keys/matching-revocation.js';
import { IdentitySignIn } from './people/identity-sign-in.js';
import { Accounts } from './people/accounts.js';
import { Invitations } from './people/invitations.js';
import { Members } from './people/members.js';
import { PasswordChange } from './people/password-change.js';
import { LeakReports } from './leaks/leak-reports.js';
import { Passwords } from './people/passwords.js';
import { Sessions } from './people/sessions.js';
import { SignIn } from './people/sign-in.js';
import { AccountPolicy } from './policy/account-policy.js';
import { PolicyViolations } from './policy/policy-violations.js';
import { SetUp } from './setup/set-up.js';
import { KeyUsage } from './usage/key-usage.js';
import { Webhooks } from './webhooks/webhooks.js';

const USE_CASES = [
  Accounts,
  AccountPolicy,
  PolicyViolations,
  AuditTrail,
  Catalogue,
  IdentitySignIn,
  Invitations,
  IdempotentRequests,
  KeyChanging,
  KeyDirectory,
  KeyEnding,
  KeyImporting,
  KeyIssuing,
  KeyRotation,
  KeyUsage,
  MatchingRevocation,
  Members,
  PasswordChange,
  LeakReports,
  Passwords,
  Sessions,
  SetUp,
  SignIn,
  Webhooks,
];

/** The use cases around keys, people and the catalogue. The app binds the ports and the PepperRing, globally. */
@Module({ providers: USE_CASES, exports: USE_CASES })
export class LifecycleModule {}
