import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { ID, WRITTEN_AT } from './columns.js';
import { MembershipEntity } from './membership.entity.js';

/** A person who is signed in; ends with the membership. */
@Entity('sessions')
@Index(['personId', 'accountId'])
@Index(['expiresAt'])
export class SessionEntity {
  /** Of the session's token, which is stored nowhere. */
  @PrimaryColumn('bytea')
  digest!: Buffer;

  @Column(ID)
  personId!: string;

  @Column(ID)
  accountId!: string;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;

  @ManyToOne(() => MembershipEntity, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'person_id', referencedColumnName: 'personId' },
    { name: 'account_id', referencedColumnName: 'accountId' },
  ])
  membership!: Relation<MembershipEntity>;
}
