import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import { ID, MOMENT_OR_NULL, WRITTEN_AT } from './columns.js';

/** The installation itself, in a table of exactly one row. */
@Entity('installation')
@Check('installation_only_row_check', 'only_row')
export class InstallationEntity {
  @PrimaryColumn('boolean', { default: true })
  onlyRow!: boolean;

  @Column(ID)
  id!: string;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  @Column(MOMENT_OR_NULL)
  setUpAt!: Date | null;

  /** Which log its processes follow; null until the first of them has begun. */
  @Column({ ...ID, nullable: true })
  changeLog!: string | null;
}
