import type { Granularity, UsageOutcome } from '#libs/key-domain';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { KeyEntity } from './key.entity.js';
import { ID } from './columns.js';

/** How often a key was verified with an outcome in an hour, and the same of the whole day. */
@Entity('key_usage')
@Check('key_usage_granularity_check', `granularity IN ('hour', 'day')`)
@Check('key_usage_count_check', 'count > 0')
@Index(['granularity', 'start'])
export class KeyUsageEntity {
  @PrimaryColumn(ID)
  keyId!: string;

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

  @ManyToOne(() => KeyEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'key_id' })
  key!: Relation<KeyEntity>;
}
