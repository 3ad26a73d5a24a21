import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import { ID, TEXT_OR_NULL, WRITTEN_AT } from './columns.js';

/** A request that is carried out once, by the key that its sender gave it. */
@Entity('idempotency_records')
@Unique(['attempt'])
@Index(['createdAt'])
export class IdempotencyRecordEntity {
  @PrimaryColumn(ID)
  accountId!: string;

  @PrimaryColumn('text')
  actorType!: string;

  @PrimaryColumn(ID)
  actorId!: string;

  @PrimaryColumn(ID)
  key!: string;

  @Column('bytea')
  fingerprint!: Buffer;

  /** Whoever carries it out at the moment. What an earlier attempt did not commit, it never will. */
  @Column('uuid')
  attempt!: string;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  /** Null: the attempt has ended. */
  @Column({ ...WRITTEN_AT, nullable: true })
  begunAt!: Date | null;

  /** What was done to or made, noted in the transaction that did it; null: nothing yet. */
  @Column(TEXT_OR_NULL)
  targetType!: string | null;

  @Column(TEXT_OR_NULL)
  targetId!: string | null;

  /** Of the answer. */
  @Column('integer', { nullable: true })
  status!: number | null;

  /** JSON, where it holds no secret. */
  @Column(TEXT_OR_NULL)
  answer!: string | null;
}
