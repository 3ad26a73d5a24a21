import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation, Unique } from 'typeorm';
import { ID, MOMENT_OR_NULL, TEXT_OR_NULL, WRITTEN_AT } from './columns.js';
import { KeyEntity } from './key.entity.js';

/** One text that is accepted for a key; of the text only a peppered digest is kept. */
@Entity('secrets')
@Check('secrets_digest_check', 'octet_length(digest) = 32')
@Check('secrets_used_day_check', `last_used_at IS NULL OR used_day = (last_used_at AT TIME ZONE 'UTC')::date`)
@Unique(['digest'])
@Index(['keyId'])
@Index(['pepperId'])
@Index(['accountId'], { where: 'imported' })
@Index('secrets_last_four_idx', ['accountId', 'lastFour', 'keyId'])
@Index('secrets_made_month_idx', { synchronize: false })
@Index('secrets_made_day_idx', { synchronize: false })
@Index('secrets_used_month_idx', { synchronize: false })
@Index('secrets_used_day_idx', ['accountId', 'usedDay', 'keyId'], { where: 'newest' })
export class SecretEntity {
  @PrimaryColumn(ID)
  id!: string;

  @Column(ID)
  accountId!: string;

  @Column(ID)
  keyId!: string;

  @Column('bytea')
  digest!: Buffer;

  @Column(ID)
  pepperId!: string;

  @Column(TEXT_OR_NULL)
  lastFour!: string | null;

  /** Whether a former system issued it: its token follows none of the account's formats. */
  @Column('boolean', { default: false })
  imported!: boolean;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  @Column(MOMENT_OR_NULL)
  endsAt!: Date | null;

  @Column(MOMENT_OR_NULL)
  revokedAt!: Date | null;

  @Column(MOMENT_OR_NULL)
  lastUsedAt!: Date | null;

  /**
   * The day of {@link lastUsedAt} in UTC, for lists. Where there is none, a day on which the key was made or an earlier one: no use
   * of it is older.
   */
  @Column({ type: 'date', default: '-infinity', select: false })
  usedDay!: string;

  /** When the key was made, or an earlier time: for lists, as long as there is no {@link lastUsedAt}. */
  @Column({ type: 'timestamptz', default: '-infinity', select: false })
  keyMadeAt!: Date;

  /** Whether none of the key's secrets was made after it. */
  @Column({ type: 'boolean', default: true, select: false })
  newest!: boolean;

  @ManyToOne(() => KeyEntity, (key) => key.secrets, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'account_id', referencedColumnName: 'accountId' },
    { name: 'key_id', referencedColumnName: 'id' },
  ])
  key!: Relation<KeyEntity>;
}
