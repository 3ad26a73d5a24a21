import type { BodyEncoding } from '#libs/key-domain';
import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { AccountEntity } from './account.entity.js';
import { ID, WRITTEN_AT } from './columns.js';

@Entity('key_formats')
@Check('key_formats_prefix_check', `prefix ~ '^[a-z][a-z0-9]*$'`)
@Check('key_formats_encoding_check', `encoding IN ('base62', 'hex64')`)
export class KeyFormatEntity {
  @PrimaryColumn(ID)
  accountId!: string;

  @PrimaryColumn(ID)
  name!: string;

  @Column('text')
  prefix!: string;

  /** The default one first. */
  @Column('text', { array: true })
  environments!: string[];

  @Column('text')
  encoding!: BodyEncoding;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  @ManyToOne(() => AccountEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'account_id' })
  account!: Relation<AccountEntity>;
}
