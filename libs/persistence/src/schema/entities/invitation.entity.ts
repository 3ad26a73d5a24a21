import type { Role } from '#libs/key-domain';
import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { AccountEntity } from './account.entity.js';
import { ID, WRITTEN_AT } from './columns.js';

/** Somebody who may join an account; one of each e-mail address. */
@Entity('invitations')
@Check('invitations_role_check', `role IN ('owner', 'admin', 'developer', 'viewer')`)
@Unique(['accountId', 'emailFolded'])
@Unique(['digest'])
@ForeignKey(() => AccountEntity, ['accountId'], ['id'], { onDelete: 'CASCADE' })
export class InvitationEntity {
  @PrimaryColumn(ID)
  id!: string;

  @Column(ID)
  accountId!: string;

  /** As whoever invites writes it. */
  @Column('text')
  email!: string;

  /** The result of `foldEmail`. */
  @Column('text')
  emailFolded!: string;

  @Column('text')
  role!: Role;

  /** Of the token in its link, which is stored nowhere. */
  @Column('bytea')
  digest!: Buffer;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;
}
