import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { AccountEntity } from './account.entity.js';
import { ID } from './columns.js';

/** A scope that an account offers when keys are minted. */
@Entity('scopes')
@Index(['accountId', 'groupName', 'name'])
export class ScopeEntity {
  @PrimaryColumn(ID)
  accountId!: string;

  @PrimaryColumn(ID)
  name!: string;

  @Column(ID)
  groupName!: string;

  @Column('text')
  description!: string;

  @ManyToOne(() => AccountEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'account_id' })
  account!: Relation<AccountEntity>;
}
