import type { CountedUse } from '#libs/key-domain';
import { Check, Column, Entity, Index, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { ID, MOMENT_OR_NULL, TEXT_OR_NULL, WRITTEN_AT } from './columns.js';
import { KeyEntity } from './key.entity.js';

/** What was used of the limits of a key. A key of which nothing was counted yet, and whose limits nobody changed, has none without a quota. */
@Entity('limit_counters')
@Check('limit_counters_credits_check', 'credits >= 0')
@Index('limit_counters_untold_idx', ['exhaustedAt'], { where: 'exhausted_at IS NOT NULL AND NOT exhaustion_told' })
export class LimitCounterEntity {
  @PrimaryColumn(ID)
  keyId!: string;

  /** Credits at {@link countedAt}, as the driver writes a bigint. Null: the key has no quota. */
  @Column('bigint', { nullable: true })
  credits!: string | null;

  @Column(WRITTEN_AT)
  countedAt!: Date;

  /** By the names of rate limits; times in milliseconds since the Unix epoch. */
  @Column('jsonb', { default: {} })
  windows!: CountedUse['windows'];

  @Column(MOMENT_OR_NULL)
  exhaustedAt!: Date | null;

  /** Whether the account's webhooks were told that it was exhausted then. */
  @Column('boolean', { default: false })
  exhaustionTold!: boolean;

  /** That of the key's limits; null: it was made with them. After a change that took them all away, no limits have it. */
  @Column(TEXT_OR_NULL)
  limitsVersion!: string | null;

  @OneToOne(() => KeyEntity, (key) => key.counter, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'key_id' })
  key!: Relation<KeyEntity>;
}
