import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { ID, WRITTEN_AT } from './columns.js';

/** A customer: owns keys, people and everything that keys can be given. */
@Entity('accounts')
@Check('accounts_status_check', `status IN ('active', 'suspended')`)
@ForeignKey('KeyFormatEntity', ['id', 'defaultFormat'], ['accountId', 'name'], { deferrable: 'INITIALLY DEFERRED' })
export class AccountEntity {
  @PrimaryColumn(ID)
  id!: string;

  @Column('text')
  name!: string;

  @Column('text', { default: 'active' })
  status!: 'active' | 'suspended';

  /** One of the account's own formats; checked at the commit, since an account and its formats are made together. */
  @Column(ID)
  defaultFormat!: string;

  @Column(WRITTEN_AT)
  createdAt!: Date;
}
