import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { AccountEntity } from './account.entity.js';
import { ID, WRITTEN_AT } from './columns.js';

@Entity('products')
@Index(['accountId', 'createdAt', 'id'])
export class ProductEntity {
  @PrimaryColumn(ID)
  accountId!: string;

  /** The customer's own, unique within the account. */
  @PrimaryColumn(ID)
  id!: string;

  @Column('text')
  name!: string;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  @ManyToOne(() => AccountEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'account_id' })
  account!: Relation<AccountEntity>;
}
