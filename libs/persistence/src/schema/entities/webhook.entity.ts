import type { DisablingReason, WebhookEvent } from '#libs/key-domain';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { AccountEntity } from './account.entity.js';
import { ID, MOMENT_OR_NULL, TEXT_OR_NULL, WRITTEN_AT } from './columns.js';

/** An address that is told of what happens in an account. Its secrets are stored encrypted alone. */
@Entity('webhooks')
@Check('webhooks_disabled_reason_check', `disabled_reason IS NULL OR (disabled_reason IN ('gone', 'failing') AND NOT enabled)`)
@Check(
  'webhooks_former_secret_check',
  '(former_secret IS NULL) = (former_pepper_id IS NULL) AND (former_secret IS NULL) = (former_secret_ends_at IS NULL)',
)
@Index(['accountId', 'id'])
@Index('webhooks_noticed_idx', { synchronize: false })
export class WebhookEntity {
  @PrimaryColumn(ID)
  id!: string;

  @Column(ID)
  accountId!: string;

  @Column('text')
  url!: string;

  @Column('text', { array: true })
  events!: WebhookEvent[];

  @Column(TEXT_OR_NULL)
  description!: string | null;

  @Column('boolean', { default: true })
  enabled!: boolean;

  @Column(TEXT_OR_NULL)
  disabledReason!: DisablingReason | null;

  @Column('bytea')
  secret!: Buffer;

  @Column(ID)
  pepperId!: string;

  @Column({ type: 'bytea', nullable: true })
  formerSecret!: Buffer | null;

  @Column({ ...ID, nullable: true })
  formerPepperId!: string | null;

  @Column(MOMENT_OR_NULL)
  formerSecretEndsAt!: Date | null;

  /** Whether its last attempt failed. */
  @Column('boolean', { default: false })
  failing!: boolean;

  /** Deliveries whose schedule ended, since the last one that arrived. */
  @Column('integer', { default: 0 })
  givenUp!: number;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  @ManyToOne(() => AccountEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'account_id' })
  account!: Relation<AccountEntity>;
}
