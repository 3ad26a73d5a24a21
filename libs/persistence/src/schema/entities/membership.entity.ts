import type { Role } from '#libs/key-domain';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { AccountEntity } from './account.entity.js';
import { ID, WRITTEN_AT } from './columns.js';
import { PersonEntity } from './person.entity.js';

/** What a person is to an account. */
@Entity('memberships')
@Check('memberships_role_check', `role IN ('owner', 'admin', 'developer', 'viewer')`)
@Index(['accountId', 'personId'])
export class MembershipEntity {
  @PrimaryColumn(ID)
  personId!: string;

  @PrimaryColumn(ID)
  accountId!: string;

  @Column('text')
  role!: Role;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  @ManyToOne(() => PersonEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'person_id' })
  person!: Relation<PersonEntity>;

  @ManyToOne(() => AccountEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'account_id' })
  account!: Relation<AccountEntity>;
}
