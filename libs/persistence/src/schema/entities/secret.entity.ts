import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation, Unique } from 'typeorm';
import { ID, MOMENT_OR_NULL, TEXT_OR_NULL, WRITTEN_AT } from './columns.js';
import { KeyEntity } from './key.entity.js';

/** One text that is accepted for a key; of the text only a peppered digest is kept. */
@Entity('secrets')
@Check('secrets_digest_check', 'octet_length(digest) = 32')
@Unique(['digest'])
@Index(['keyId'])
@Index(['pepperId'])
@Index(['accountId'], { where: 'imported' })
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

  @ManyToOne(() => KeyEntity, (key) => key.secrets, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'account_id', referencedColumnName: 'accountId' },
    { name: 'key_id', referencedColumnName: 'id' },
  ])
  key!: Relation<KeyEntity>;
}
