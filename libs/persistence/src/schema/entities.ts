import { AccountEntity } from './entities/account.entity.js';
import { AccountUsageEntity } from './entities/account-usage.entity.js';
import { AuditEntryEntity } from './entities/audit-entry.entity.js';
import { IdentityEntity } from './entities/identity.entity.js';
import { IdempotencyRecordEntity } from './entities/idempotency-record.entity.js';
import { ImportLineEntity } from './entities/import-line.entity.js';
import { InstallationEntity } from './entities/installation.entity.js';
import { InvitationEntity } from './entities/invitation.entity.js';
import { KeyFormatEntity } from './entities/key-format.entity.js';
import { KeyNoticeEntity } from './entities/key-notice.entity.js';
import { KeyUsageEntity } from './entities/key-usage.entity.js';
import { KeyEntity } from './entities/key.entity.js';
import { LimitCounterEntity } from './entities/limit-counter.entity.js';
import { LoginAttemptEntity } from './entities/login-attempt.entity.js';
import { MembershipEntity } from './entities/membership.entity.js';
import { NoticeRoundEntity } from './entities/notice-round.entity.js';
import { PepperEntity } from './entities/pepper.entity.js';
import { PersonEntity } from './entities/person.entity.js';
import { ProductEntity } from './entities/product.entity.js';
import { ScopeEntity } from './entities/scope.entity.js';
import { SecretEntity } from './entities/secret.entity.js';
import { SessionEntity } from './entities/session.entity.js';
import { UsageSourceEntity } from './entities/usage-source.entity.js';
import { WebhookAttemptEntity } from './entities/webhook-attempt.entity.js';
import { WebhookDeliveryEntity } from './entities/webhook-delivery.entity.js';
import { WebhookEntity } from './entities/webhook.entity.js';

/** Every table. A test holds them against what the migrations make. */
export const ENTITIES = [
  AccountEntity,
  AccountUsageEntity,
  AuditEntryEntity,
  IdentityEntity,
  IdempotencyRecordEntity,
  ImportLineEntity,
  InstallationEntity,
  InvitationEntity,
  KeyEntity,
  KeyFormatEntity,
  KeyNoticeEntity,
  KeyUsageEntity,
  LimitCounterEntity,
  LoginAttemptEntity,
  MembershipEntity,
  NoticeRoundEntity,
  PepperEntity,
  PersonEntity,
  ProductEntity,
  ScopeEntity,
  SecretEntity,
  SessionEntity,
  UsageSourceEntity,
  WebhookAttemptEntity,
  WebhookDeliveryEntity,
  WebhookEntity,
];
