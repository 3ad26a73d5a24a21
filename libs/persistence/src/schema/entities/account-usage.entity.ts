import type { Granularity, UsageOutcome } from '#libs/key-domain';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { AccountEntity } from './account.entity.js';
import { ID } from './columns.js';

/** The sum of what was counted of the keys of an account, also of those that are deleted since. */
@Entity('account_usage')
@Check('account_usage_granularity_check', `granularity IN ('hour', 'day')`)
@Check('account_usage_count_check', 'count > 0')
@Index(['granularity', 'start'])
export class AccountUsageEntity {
  @PrimaryColumn(ID)
  accountId!: string;

  @PrimaryColumn(ID)
  granularity!: Granularity;

  /** Of the hour or day, in UTC. */
  @PrimaryColumn('timestamptz')
  start!: Date;

  @PrimaryColumn(ID)
  outcome!: UsageOutcome;

  /** As the driver writes a bigint. */
  @Column('bigint')
  count!: string;

  @ManyToOne(() => AccountEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'account_id' })
  account!: Relation<AccountEntity>;
}
