import { Column, Entity, PrimaryColumn } from 'typeorm';
import { ID, WRITTEN_AT } from './columns.js';

/** Who counts verifications, and which batch of theirs was added last: so that none is added twice. */
@Entity('usage_sources')
export class UsageSourceEntity {
  @PrimaryColumn(ID)
  id!: string;

  /** As the driver writes a bigint. */
  @Column('bigint')
  batch!: string;

  @Column(WRITTEN_AT)
  addedAt!: Date;
}
