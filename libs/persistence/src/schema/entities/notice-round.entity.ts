import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { AccountEntity } from './account.entity.js';
import { ID, MOMENT_OR_NULL } from './columns.js';

/** How far the keys of an account were looked through for those that one of its webhooks is to be told of. */
@Entity('notice_rounds')
@Check('notice_rounds_event_check', `event IN ('key.expiring', 'key.rotation_due')`)
@Index(['nextAt'])
export class NoticeRoundEntity {
  @PrimaryColumn(ID)
  accountId!: string;

  @PrimaryColumn(ID)
  event!: 'key.expiring' | 'key.rotation_due';

  /** When somebody is to look, at further keys of a round or for the next round. */
  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  nextAt!: Date;

  /** Null: no round is under way. */
  @Column(MOMENT_OR_NULL)
  begunAt!: Date | null;

  /** Where a round that is under way has come to: in the list of a day (UTC), up to a key. */
  @Column({ type: 'timestamp', default: '-infinity' })
  day!: Date;

  @Column({ ...ID, default: '' })
  keyId!: string;

  /** What the last round reached: expiries up to then, or secrets that were made before. Null: there was none. */
  @Column(MOMENT_OR_NULL)
  reached!: Date | null;

  /** When a round last began with the oldest secrets of all. */
  @Column(MOMENT_OR_NULL)
  wholeAt!: Date | null;

  @ManyToOne(() => AccountEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'account_id' })
  account!: Relation<AccountEntity>;
}
