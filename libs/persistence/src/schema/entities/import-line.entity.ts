import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { ID } from './columns.js';
import { KeyEntity } from './key.entity.js';

/** A line of an import, by what its sender calls it. */
@Entity('import_lines')
@Index(['keyId'])
export class ImportLineEntity {
  @PrimaryColumn(ID)
  accountId!: string;

  @PrimaryColumn(ID)
  lineKey!: string;

  @Column(ID)
  keyId!: string;

  /** Of the token that the line brought: another token under the same line key is a mistake. */
  @Column('bytea')
  digest!: Buffer;

  @ManyToOne(() => KeyEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'key_id' })
  key!: Relation<KeyEntity>;
}
