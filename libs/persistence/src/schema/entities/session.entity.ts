import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation, Unique } from 'typeorm';
import { ID, TEXT_OR_NULL, WRITTEN_AT } from './columns.js';
import { MembershipEntity } from './membership.entity.js';

/** A person who is signed in; ends with the membership. */
@Entity('sessions')
@Index(['personId', 'accountId'])
@Index(['expiresAt'])
@Unique(['id'])
export class SessionEntity {
  /** Of the session's token, which is stored nowhere. */
  @PrimaryColumn('bytea')
  digest!: Buffer;

  /** By which its person names it. */
  @Column(ID)
  id!: string;

  @Column(ID)
  personId!: string;

  @Column(ID)
  accountId!: string;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;

  /** Whence it was opened. */
  @Column(TEXT_OR_NULL)
  address!: string | null;

  @Column(TEXT_OR_NULL)
  userAgent!: string | null;

  @ManyToOne(() => MembershipEntity, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'person_id', referencedColumnName: 'personId' },
    { name: 'account_id', referencedColumnName: 'accountId' },
  ])
  membership!: Relation<MembershipEntity>;
}
