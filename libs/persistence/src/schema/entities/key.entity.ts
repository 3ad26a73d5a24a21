import type { Actor, KeyLimits, RevocationReason } from '#libs/key-domain';
import {
  Check,
  Column,
  Entity,
  ForeignKey,
  Index,
  JoinColumn,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  type Relation,
  Unique,
} from 'typeorm';
import { AccountEntity } from './account.entity.js';
import { ID, ID_OR_NULL, JSON_OR_NULL, MOMENT_OR_NULL, TEXT_OR_NULL, WRITTEN_AT } from './columns.js';
import { KeyFormatEntity } from './key-format.entity.js';
import type { LimitCounterEntity } from './limit-counter.entity.js';
import type { SecretEntity } from './secret.entity.js';

@Entity('keys')
@Check('keys_product_ids_check', `NOT all_products OR product_ids = '{}'`)
@Check('keys_metadata_check', `jsonb_typeof(metadata) = 'object'`)
@Check('keys_created_by_type_check', `created_by_type IN ('person', 'key', 'system')`)
@Check(
  'keys_revocation_check',
  '(revoked_at IS NULL) = (revocation_reason IS NULL) AND (revoked_at IS NOT NULL OR revocation_description IS NULL)',
)
@Check(
  'keys_revocation_reason_check',
  `revocation_reason IN ('key_compromise', 'superseded', 'affiliation_changed', 'privilege_withdrawn', 'unspecified')`,
)
@Unique(['accountId', 'id'])
@Index(['accountId', 'format'])
@Index(['accountId', 'environment', 'id'])
@Index(['accountId', 'ownerId', 'id'], { where: 'owner_id IS NOT NULL' })
@Index('keys_revoked_idx', ['accountId', 'id'], { where: 'revoked_at IS NOT NULL' })
@Index('keys_disabled_idx', ['accountId', 'id'], { where: 'revoked_at IS NULL AND NOT enabled' })
@Index('keys_endless_idx', ['accountId', 'id'], { where: 'revoked_at IS NULL AND enabled AND expires_at IS NULL' })
@Index('keys_expiry_month_idx', { synchronize: false })
@Index('keys_expiry_day_idx', { synchronize: false })
@ForeignKey(() => KeyFormatEntity, ['accountId', 'format'], ['accountId', 'name'])
export class KeyEntity {
  @PrimaryColumn(ID)
  id!: string;

  @Column(ID)
  accountId!: string;

  @Column('text')
  name!: string;

  @Column(TEXT_OR_NULL)
  environment!: string | null;

  @Column('text', { array: true })
  scopes!: string[];

  @Column('boolean')
  allProducts!: boolean;

  /** Empty where {@link allProducts} is set. */
  @Column('text', { array: true })
  productIds!: string[];

  @Column(ID)
  format!: string;

  @Column(TEXT_OR_NULL)
  ownerId!: string | null;

  @Column('jsonb')
  metadata!: object;

  @Column('text', { array: true })
  allowedCidrs!: string[];

  /** Null: its use is not counted. What is left is in `limit_counters`. */
  @Column(JSON_OR_NULL)
  limits!: KeyLimits | null;

  @Column('boolean')
  enabled!: boolean;

  @Column(MOMENT_OR_NULL)
  expiresAt!: Date | null;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  @Column('text')
  createdByType!: Actor['type'];

  @Column('text')
  createdById!: string;

  @Column(MOMENT_OR_NULL)
  revokedAt!: Date | null;

  @Column(TEXT_OR_NULL)
  revocationReason!: RevocationReason | null;

  @Column(TEXT_OR_NULL)
  revocationDescription!: string | null;

  /** The target that the record names for the import it came in; null: it was issued. */
  @Column(ID_OR_NULL)
  importedIn!: string | null;

  /** The same for the revocation of many that ended it; null: none did. */
  @Column(ID_OR_NULL)
  revokedIn!: string | null;

  @ManyToOne(() => AccountEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'account_id' })
  account!: Relation<AccountEntity>;

  @OneToMany('SecretEntity', 'key')
  secrets!: Relation<SecretEntity>[];

  /** Null: nothing of it is counted yet, and it has no quota. */
  @OneToOne('LimitCounterEntity', 'key')
  counter!: Relation<LimitCounterEntity> | null;
}
