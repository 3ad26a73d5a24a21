import { Column, Entity, PrimaryColumn } from 'typeorm';
import { ID, WRITTEN_AT } from './columns.js';

/** A pepper that some process of the installation has been started with. The pepper itself is never stored. */
@Entity('peppers')
export class PepperEntity {
  @PrimaryColumn(ID)
  id!: string;

  /** Tells two peppers of one id apart. */
  @Column('bytea')
  fingerprint!: Buffer;

  @Column(WRITTEN_AT)
  firstSeen!: Date;
}
