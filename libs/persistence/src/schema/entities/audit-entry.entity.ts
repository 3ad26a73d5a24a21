import type { Actor, AuditAction, AuditTarget } from '#libs/key-domain';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TEXT_OR_NULL } from './columns.js';

const BYTES_OR_NULL = { type: 'bytea', nullable: true } as const;

/** What was done in an account. Triggers refuse to alter or delete it; erasing its texts is all that may happen to it. */
@Entity('audit_entries')
@Check('audit_entries_actor_type_check', `actor_type IN ('person', 'key', 'system')`)
@Check('audit_entries_change_check', '(change_text IS NULL) = (change_salt IS NULL)')
@Check('audit_entries_origin_check', '(origin_text IS NULL) = (origin_salt IS NULL)')
@Index(['accountId', 'at', 'number'])
@Index(['accountId', 'actorId', 'number'])
@Index(['accountId', 'action', 'number'])
@Index(['accountId', 'targetId', 'number'])
export class AuditEntryEntity {
  @PrimaryColumn(ID)
  accountId!: string;

  @PrimaryColumn('bigint')
  number!: string;

  @Column('timestamptz')
  at!: Date;

  @Column('text')
  actorType!: Actor['type'];

  @Column(ID)
  actorId!: string;

  @Column(ID)
  action!: AuditAction;

  @Column('text')
  targetType!: AuditTarget['type'];

  @Column(ID)
  targetId!: string;

  @Column(TEXT_OR_NULL)
  requestId!: string | null;

  @Column(TEXT_OR_NULL)
  changeText!: string | null;

  @Column(BYTES_OR_NULL)
  changeSalt!: Buffer | null;

  @Column('bytea')
  changeDigest!: Buffer;

  @Column(TEXT_OR_NULL)
  originText!: string | null;

  @Column(BYTES_OR_NULL)
  originSalt!: Buffer | null;

  @Column('bytea')
  originDigest!: Buffer;

  @Column('bytea')
  hash!: Buffer;
}
